import { RecordAppender } from '../journal/append-records.ts'
import { createRepeating } from './repeating.ts'
import { createSteered, steeredPayload } from './steered.ts'

// Runs a flow as a process that is killed right after its journal was given its n-th record.
const [flow, folder, count] = process.argv.slice(2) as ['repeating' | 'steered', string, string]
let left = Number(count)
for (const name of ['write', 'note'] as const) {
  const given = RecordAppender.prototype[name] as (this: void, ...args: unknown[]) => number
  RecordAppender.prototype[name] = function (...args: unknown[]) {
    const number = Reflect.apply(given, this, args)
    if (--left === 0) process.kill(process.pid, 'SIGKILL')
    return number
  }
}
if (flow === 'repeating') {
  const { runner, track } = createRepeating(folder, () => {})
  await runner.runTrack(track, { tenantId: 'acme', projectId: 'p1', text: 'a' }, { runId: 'r1' })
} else {
  const { runner, track } = createSteered(folder)
  await runner.runTrack(track, steeredPayload, { runId: 'r1' })
}
