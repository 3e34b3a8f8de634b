import { setTimeout as delay } from 'node:timers/promises'
import { RecordAppender } from '../journal/append-records.ts'
import { createTale } from './journaled-tale.ts'

// Runs the tale as a process that is killed: right after its journal was given its n-th record (`record 7`; of 0, not at all), or some time after
// it began (`ms 12.5`, with steps that take a while). No clean-up, no last word.
const [folder, when, size, padding] = process.argv.slice(2) as [string, string, string, string]
const [unit, count] = when.split(' ') as ['record' | 'ms', string]
const kill = () => void process.kill(process.pid, 'SIGKILL')
let left = Number(count)
for (const name of unit === 'record' ? (['write', 'note'] as const) : []) {
  const given = RecordAppender.prototype[name] as (this: void, ...args: unknown[]) => number
  RecordAppender.prototype[name] = function (...args: unknown[]) {
    const number = Reflect.apply(given, this, args)
    if (--left === 0) kill()
    return number
  }
}
const { runner, orchestrator } = createTale({ folder, done: () => {}, padding: Number(padding), ...(unit === 'ms' && { held: delay(5) }) })
if (unit === 'ms') setTimeout(kill, Number(count))
await runner.runOrchestrator(orchestrator, { tenantId: 'acme', projectId: 'p1', size: Number(size) }, { runId: 'r1' })
