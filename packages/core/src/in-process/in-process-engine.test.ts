import { newId } from '../log/new-id.ts'
import { engineSuite } from '../testing/engine-suite.ts'
import type { EngineUnderTest } from '../testing/engine-under-test.ts'
import { suiteHandlers, suiteTasks } from '../testing/suite-tasks.ts'
import { createRunner, type RunnerOptions } from './create-runner.ts'

function underTest(options: Partial<RunnerOptions<typeof suiteTasks, object>> = {}): EngineUnderTest {
  const runner = createRunner({ registry: suiteTasks, handlers: suiteHandlers, ...options })
  const start: EngineUnderTest['start'] = async (runnable, payload, more) => {
    const runId = newId()
    const context = { ...more, runId }
    return { ended: 'tracks' in runnable ? runner.settleOrchestrator(runnable, payload, context) : runner.settleTrack(runnable, payload, context), answer: (step, value) => runner.answer(runId, step, value) }
  }
  return { runner, start }
}

engineSuite('the in-process engine', () => underTest())
engineSuite('the in-process engine with two places', () => underTest({ concurrency: 2 }))
