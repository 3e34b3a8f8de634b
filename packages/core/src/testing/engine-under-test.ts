import type { Runner } from '../run/runner.ts'
import type { SuiteTasks } from './suite-tasks.ts'

/** What the suite needs of an engine: runners over `suiteTasks`, `suiteHandlers` and the suite's definitions. */
export interface EngineUnderTest {
  readonly runner: Runner<SuiteTasks, { readonly signal?: AbortSignal }>
  readonly close?: () => Promise<void>
}
