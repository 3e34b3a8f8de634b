import { engineSuite } from '../testing/engine-suite.ts'
import { suiteHandlers, suiteTasks } from '../testing/suite-tasks.ts'
import { createRunner } from './create-runner.ts'

engineSuite('the in-process engine', () => ({ runner: createRunner({ registry: suiteTasks, handlers: suiteHandlers }) }))
engineSuite('the in-process engine with two places', () => ({ runner: createRunner({ registry: suiteTasks, handlers: suiteHandlers, concurrency: 2 }) }))
