import { RecordAppender } from '../journal/append-records.ts'
import { createTale } from './journaled-tale.ts'

// Runs the tale as a process that is killed right after its journal was given its n-th record: no clean-up, no last word.
const [folder, records] = process.argv.slice(2) as [string, string]
let left = Number(records)
for (const name of ['write', 'note'] as const) {
  const given = RecordAppender.prototype[name] as (this: void, body: object) => number
  RecordAppender.prototype[name] = function (body) {
    const number = Reflect.apply(given, this, [body])
    if (--left === 0) process.kill(process.pid, 'SIGKILL')
    return number
  }
}
const { runner, orchestrator } = createTale({ folder, done: () => {} })
await runner.runOrchestrator(orchestrator, { tenantId: 'acme', projectId: 'p1', size: 2 }, { runId: 'r1' })
