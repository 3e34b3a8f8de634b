import type { LogLevel } from '../log/run-event.ts'
import type { RunLog } from '../log/run-log.ts'
import { createBars } from './bars.ts'
import { createJsonLines } from './json-lines.ts'
import { createLines } from './lines.ts'

export interface ConsoleLogOptions {
  /** `bars`: a progress bar a track. `lines`: a line an event. `json`: an event a line, as JSON. Default: bars on a terminal, else lines. */
  readonly mode?: 'auto' | 'bars' | 'lines' | 'json'
  /** Default: standard output. */
  readonly stream?: NodeJS.WriteStream | (NodeJS.WritableStream & { readonly isTTY?: boolean })
  /** The least important log lines to show. Default `info`. */
  readonly level?: LogLevel
}

/** Shows a run to a person (or, as JSON lines, to a program) while it goes on. */
export function createConsoleLog({ mode = 'auto', stream = process.stdout, level = 'info' }: ConsoleLogOptions = {}): RunLog {
  const chosen = mode === 'auto' ? (stream.isTTY ? 'bars' : 'lines') : mode
  if (chosen === 'json') return createJsonLines(stream)
  return chosen === 'bars' ? createBars(stream, level) : createLines(stream, level)
}
