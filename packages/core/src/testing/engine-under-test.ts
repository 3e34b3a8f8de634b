import type { OrchestratorDefinition, TrackDefinition } from '../definition/definition.ts'
import type { RunLimits } from '../costs/cost-limit.ts'
import type { Runner } from '../run/runner.ts'
import type { RunResult } from '../run/runs.ts'
import type { SuiteTasks } from './suite-tasks.ts'

/** What the suite needs of an engine: runners over `suiteTasks`, `suiteHandlers` and the suite's definitions. */
export interface EngineUnderTest {
  readonly runner: Runner<SuiteTasks, { readonly signal?: AbortSignal; readonly limits?: RunLimits }>
  /** Begins a run, and does not wait for its end. Absent where the engine cannot ask for answers (`Engine.ask`): then that is not tested. */
  readonly start?: (runnable: TrackDefinition | OrchestratorDefinition, payload: object, options?: StartOptions) => Promise<StartedRun>
  readonly close?: () => Promise<void>
}

/** How a run is begun. */
export interface StartOptions {
  /** One run for one thing: who asks under the key of a run that goes on, or has succeeded, is given that run. */
  readonly runKey?: string
}

/** A run that goes on. */
export interface StartedRun {
  readonly ended: Promise<RunResult>
  /** Answers what a step of it asks for. */
  readonly answer: (step: string, value: unknown) => Promise<void>
}

/** What the tests need of the suite that they are part of. */
export interface EdgeTools {
  readonly engine: () => EngineUnderTest
  readonly newJournal: () => string
  readonly lines: (file: string) => string[]
  /** Resolves when so many lines stand in the file. Default: one. */
  readonly begun: (file: string, count?: number) => Promise<void>
}
