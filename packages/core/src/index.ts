export { callKey, canonicalJson, inputHash } from './engine/call-key.ts'
export type { CallObserver, Engine, RunTasksOptions, TaskCall, TaskOutcome, TrackGraph, TrackOutcome, TrackPlan } from './engine/engine.ts'
export type {
  CompositeTrackDefinition,
  OrchestratorDefinition,
  TrackDefinition,
  TrackTaskDefinition,
  TypedTrackDefinition,
  TypedTrackTaskDefinition,
} from './definition/definition.ts'
export type { LogLevel, RunEvent, RunEventBody } from './log/run-event.ts'
export type { RunLog } from './log/run-log.ts'
export type { RunContext } from './run/open-run.ts'
export { bindRunner } from './run/runner.ts'
export type { Runner } from './run/runner.ts'
export { runOrchestrator, runSingleTask, runTrack, settleOrchestrator, settleTask, settleTrack } from './run/runs.ts'
export type { OrchestratorResult, RunResult } from './run/runs.ts'
export { forRegistry } from './typed/for-registry.ts'
export type { ForRegistry } from './typed/for-registry.ts'
export type { AnyOrchestrator, Orchestrator, OrchestratorInputOf, OrchestratorOutputOf } from './typed/orchestrator.ts'
export type { AnyTrack, CompositeTrack, Track, TrackInputOf, TrackOutputOf } from './typed/track.ts'
