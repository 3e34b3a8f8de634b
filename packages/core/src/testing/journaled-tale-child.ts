import { RecordAppender } from '../journal/append-records.ts'
import { createTale } from './journaled-tale.ts'

// Runs the tale as a process that is killed right after its journal's n-th record was written: no clean-up, no last word.
const [folder, records] = process.argv.slice(2) as [string, string]
const write = RecordAppender.prototype.write
let left = Number(records)
RecordAppender.prototype.write = function (body) {
  const number = write.call(this, body)
  if (--left === 0) process.kill(process.pid, 'SIGKILL')
  return number
}
const { runner, orchestrator } = createTale({ folder, done: () => {} })
await runner.runOrchestrator(orchestrator, { tenantId: 'acme', projectId: 'p1', size: 2 }, { runId: 'r1' })
