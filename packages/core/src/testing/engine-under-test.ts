import type { Runner } from '../run/runner.ts'
import type { SuiteTasks } from './suite-tasks.ts'

/** What the suite needs of an engine: runners over `suiteTasks`, `suiteHandlers` and the suite's definitions. */
export interface EngineUnderTest {
  readonly runner: Runner<SuiteTasks, { readonly signal?: AbortSignal }>
  readonly close?: () => Promise<void>
}

/** What the tests need of the suite that they are part of. */
export interface EdgeTools {
  readonly engine: () => EngineUnderTest
  readonly newJournal: () => string
  readonly lines: (file: string) => string[]
}
