import type { OrchestratorDefinition } from '../definition/definition.ts'

/** An orchestrator made by `defineOrchestrator`. A message shows its name, what it takes and what it hands on. */
export interface Orchestrator<Name extends string, Input, Output> extends OrchestratorDefinition {
  name: Name
  /** Types only: what a caller passes, and what the orchestrator hands on. */
  readonly '~io': { in: Input; out: Output }
}

/** Any orchestrator made by `defineOrchestrator`. A message that wants one was given an untyped definition. */
export type AnyOrchestrator = Orchestrator<string, any, any>

/** What a caller passes to the orchestrator, beside the base fields. `never` for what is no typed orchestrator. */
export type OrchestratorInputOf<T> = T extends AnyOrchestrator ? T['~io']['in'] : never

/** What the orchestrator hands on: its final task's output, or the tracks' outputs by name. `never` for what is no typed orchestrator. */
export type OrchestratorOutputOf<T> = T extends AnyOrchestrator ? T['~io']['out'] : never
