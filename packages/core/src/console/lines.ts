import type { LogLevel } from '../log/run-event.ts'
import type { RunLog } from '../log/run-log.ts'
import { describeEvent } from './describe-event.ts'

/** In a pipe, progress within a step is told this often at most. */
const progressEveryMs = 5_000

/** A line an event, for pipes and files. */
export function createLines(stream: NodeJS.WritableStream, level: LogLevel): RunLog {
  const lastProgress = new Map<string, number>()
  return {
    write(event) {
      if (event.type === 'step.started') lastProgress.set(event.path, event.at)
      if (event.type === 'step.progress') {
        const last = lastProgress.get(event.path)
        // Of an item nobody tells that it was started: its first progress is not told either.
        if (last === undefined) lastProgress.set(event.path, event.at)
        if (event.nested || last === undefined || event.at - last < progressEveryMs) return
        lastProgress.set(event.path, event.at)
      }
      if (event.type === 'step.succeeded' || event.type === 'step.failed') lastProgress.delete(event.path)
      const line = describeEvent(event, level)
      if (line !== undefined) stream.write(`${new Date(event.at).toISOString().slice(11, 19)}  ${line}\n`)
    },
    flush: () => Promise.resolve(),
  }
}
