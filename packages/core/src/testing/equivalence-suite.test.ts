import { createRunner } from '../in-process/create-runner.ts'
import type { RunEvent } from '../log/run-event.ts'
import { cancellationSuite } from './cancellation-suite.ts'
import type { OrchestratorDefinition } from '../definition/definition.ts'
import { newId } from '../log/new-id.ts'
import type { EngineUnderTest } from './engine-under-test.ts'
import { equivalenceSuite } from './equivalence-suite.ts'
import { randomAskingOrchestrator, randomOddOrchestrator } from './random-orchestrators.ts'
import { suiteHandlers, suiteTasks } from './suite-tasks.ts'

const seeds = Array.from({ length: 200 }, (_, seed) => seed)

equivalenceSuite('the in-process engine', seeds, () => openFollowed())
equivalenceSuite('the in-process engine with odd flows', seeds.slice(0, 120), () => openFollowed(), randomOddOrchestrator)
equivalenceSuite('the in-process engine with flows that ask', Array.from({ length: 300 }, (_, seed) => seed), () => openFollowed(), randomAskingOrchestrator)
equivalenceSuite('the in-process engine with two places', seeds.slice(0, 50), () => openFollowed(2))
cancellationSuite('the in-process engine, cancelled', seeds.slice(0, 120), () => openFollowed())
cancellationSuite('the in-process engine with two places, cancelled', seeds.slice(120, 160), () => openFollowed(2))
cancellationSuite('the in-process engine with odd flows, cancelled', seeds.slice(0, 60), () => openFollowed(), randomOddOrchestrator)

function openFollowed(concurrency?: number) {
  const events: RunEvent[] = []
  let onEvent = (_event: RunEvent) => {}
  const write = (event: RunEvent) => {
    events.push(event)
    onEvent(event)
  }
  const logs = [{ write, flush: () => Promise.resolve() }]
  const runner = createRunner({ registry: suiteTasks, handlers: suiteHandlers, logs, ...(concurrency !== undefined && { concurrency }) })
  const watch = (told: (event: RunEvent) => void) => void (onEvent = told)
  const start: EngineUnderTest['start'] = async (runnable, payload) => {
    const runId = newId()
    return { ended: runner.settleOrchestrator(runnable as OrchestratorDefinition, payload, { runId }), answer: (step, value) => runner.answer(runId, step, value) }
  }
  return { runner, start, watch, eventsOf: (runId: string) => events.filter((event) => event.runId === runId) }
}
