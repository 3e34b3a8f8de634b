import type { LoadedConfig } from '../config/load-config.ts'
import type { Shower } from '../show/shower.ts'
import type { Place } from '../source/place-of.ts'
import type { RunSource } from '../source/run-source.ts'
import type { Terminal } from '../terminal.ts'

/** What every verb is given. */
export interface Asking {
  readonly terminal: Terminal
  readonly show: Shower
  /** The configuration; loaded when asked for. */
  readonly load: () => Promise<LoadedConfig>
  readonly place: Place
  /** The runs of that place; opened when asked for. */
  readonly source: () => Promise<RunSource>
}
