export type { RunLimits } from './costs/cost-limit.ts'
export type { RunCosts } from './costs/ledger.ts'
export type { Prices } from './costs/prices.ts'
export type { CallObserver, Engine, EngineTime, Question, Round, RunTasksOptions, TaskCall, TaskOutcome, TrackGraph, TrackOrigin, TrackOutcome, TrackPlan } from './engine/engine.ts'
export type {
  CompositeTrackDefinition,
  OrchestratorDefinition,
  RepeatDefinition,
  Schedule,
  TrackDefinition,
  TrackTaskDefinition,
  TypedTrackDefinition,
  TypedTrackTaskDefinition,
} from './definition/definition.ts'
export type { LogLevel, RunEvent, RunEventBody } from './log/run-event.ts'
export type { LogLoss, RunLog } from './log/run-log.ts'
export type { RunContext } from './run/open-run.ts'
export type { Payload, Runner } from './run/runner.ts'
export { runOrchestrator, runSingleTask, runTrack, settleOrchestrator, settleSingleTask, settleTrack } from './run/runs.ts'
export type { OrchestratorResult, RunResult } from './run/runs.ts'
export { forRegistry } from './typed/for-registry.ts'
export type { ForRegistry } from './typed/for-registry.ts'
export type { AnyOrchestrator, Orchestrator, OrchestratorInputOf, OrchestratorOutputOf } from './typed/orchestrator.ts'
export type { Asking, QuestionsOf, StepQuestion } from './typed/questions.ts'
export type { AnyTrack, CompositeTrack, Track, TrackInputOf, TrackOutputOf } from './typed/track.ts'
export { toMermaid } from './mermaid/to-mermaid.ts'
export type { CarriedData, MergeContext, StepContext } from './typed/context.ts'
export type { DefineCompositeTrack, RaceHasOneOutput, SubTrackInputMismatch } from './typed/define-composite-track.ts'
export type { DefineOrchestrator, FinalMapperRequired, TrackInputMappingRequired } from './typed/define-orchestrator.ts'
export type { DefineTrack } from './typed/define-track.ts'
// These stand in the compiler's messages, and in the declarations of packages that export definitions.
export type { DependencyCycle, UnknownTrack } from './typed/dependencies.ts'
export type {
  AnotherIdThan,
  ConcurrencyNeedsForEach,
  ForEachFunctionReturnsTaskInputs,
  InputMapperRequired,
  ItemMapperRequired,
  OnItemErrorNeedsForEach,
  OnlyForTasks,
  QuestionRunsNothing,
  SpreadStepsNeedNames,
  StepIdTaken,
  UnknownStepProperty,
  WaitRunsNothing,
} from './typed/step-faults.ts'
export type { InputHasUnknownKey, InputsHaveUnknownKey, UnknownInputKey } from './typed/mapped-input.ts'
export type { ApproveStep, OnItemError, WaitStep } from './typed/step-kinds.ts'
export type { ItemResult } from './typed/wiring.ts'
