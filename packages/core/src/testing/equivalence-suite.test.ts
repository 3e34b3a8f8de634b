import { createRunner } from '../in-process/create-runner.ts'
import type { RunEvent } from '../log/run-event.ts'
import { equivalenceSuite } from './equivalence-suite.ts'
import { randomOddOrchestrator } from './random-orchestrators.ts'
import { suiteHandlers, suiteTasks } from './suite-tasks.ts'

const seeds = Array.from({ length: 200 }, (_, seed) => seed)

equivalenceSuite('the in-process engine', seeds, () => openFollowed())
equivalenceSuite('the in-process engine with odd flows', seeds.slice(0, 120), () => openFollowed(), randomOddOrchestrator)
equivalenceSuite('the in-process engine with two places', seeds.slice(0, 50), () => openFollowed(2))

function openFollowed(concurrency?: number) {
  const events: RunEvent[] = []
  const logs = [{ write: (event: RunEvent) => void events.push(event), flush: () => Promise.resolve() }]
  const runner = createRunner({ registry: suiteTasks, handlers: suiteHandlers, logs, ...(concurrency !== undefined && { concurrency }) })
  return { runner, eventsOf: (runId: string) => events.filter((event) => event.runId === runId) }
}
