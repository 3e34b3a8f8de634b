import { checkOptions, objectWith, oneOf } from '@track-orchestrator/registry/options'
import type { LogLevel } from '../log/run-event.ts'
import type { RunLog } from '../log/run-log.ts'
import { logLevels } from './describe-event.ts'
import { createJsonLines } from './json-lines.ts'
import { createLines } from './lines.ts'

export interface ConsoleLogOptions {
  /** `lines`: a line an event, for people. `json`: an event a line, as JSON. Default `lines`. */
  readonly mode?: 'lines' | 'json' | undefined
  /** Default: standard output. */
  readonly stream?: NodeJS.WritableStream | undefined
  /** The least important log lines to show, of `lines`. Default `info`. */
  readonly level?: LogLevel | undefined
}

/**
 * Shows a run to a person (or, as JSON lines, to a program) while it goes on. Nothing that a stranger wrote reaches the terminal as a
 * control character. Throws `DefinitionError` for options that are wrong.
 */
export function createConsoleLog(options?: ConsoleLogOptions): RunLog {
  const checked = checkOptions('createConsoleLog', options, { mode: oneOf('lines', 'json'), stream: objectWith('write'), level: oneOf(...logLevels) })
  const { mode = 'lines', stream = process.stdout, level = 'info' } = checked
  return mode === 'json' ? createJsonLines(stream) : createLines(stream, level)
}
