import { redactValue } from '@track-orchestrator/registry'
import type { RunEvent } from '../log/run-event.ts'
import type { RunLog } from '../log/run-log.ts'
import { escapeUnseen } from './printable.ts'

/** Every event as one line of JSON, whose escapes keep a terminal from obeying what stands in it. */
export function createJsonLines(stream: NodeJS.WritableStream): RunLog {
  return {
    write: (event) => void stream.write(`${escapeUnseen(lineOf(event))}\n`),
    flush: () => Promise.resolve(),
  }
}

/** Events of a run are JSON already. One that a stranger made may not be: it is copied as far as it can be read. */
function lineOf(event: RunEvent): string {
  try {
    return JSON.stringify(event)
  } catch {
    return JSON.stringify(redactValue(event))
  }
}
