import type { RunLog } from '../log/run-log.ts'

/** Every event as one line of JSON. */
export function createJsonLines(stream: NodeJS.WritableStream): RunLog {
  return {
    write: (event) => void stream.write(`${JSON.stringify(event)}\n`),
    flush: () => Promise.resolve(),
  }
}
