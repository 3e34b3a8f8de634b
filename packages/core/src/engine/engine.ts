import type { BaseFields, RetryPolicy, TaskContract, TaskEnvelope, TracksError } from '@track-orchestrator/registry'
import type { ErrorJson } from '@track-orchestrator/registry'
import type { LogLevel } from '../log/run-event.ts'

/**
 * Carries one task call to its handler. The port that every engine speaks: in-process, Trigger.dev, yours.
 * An engine that cannot honour an option answers with `engine_unsupported`; it never quietly does something else.
 */
export interface Engine {
  /** Runs one task with retries and timeouts. Never rejects for a failed task: the outcome says so. */
  runTask(call: TaskCall): Promise<TaskOutcome>
  /** Runs many; the outcomes stand in the order of the calls. Never rejects for a failed item. An empty list gives an empty list. */
  runTasks(calls: readonly TaskCall[], options: RunTasksOptions): Promise<TaskOutcome[]>
  /** Runs tracks that depend on each other, each as soon as it can. Never rejects for a failed track. */
  runTracks(plan: TrackPlan): Promise<TrackOutcome[]>
  /** A short cut for single calls that nobody follows. Only engines in the same process can have one. */
  readonly direct?: DirectCalls | undefined
}

/** One call as its handler itself answers it: no envelope, and no promise but the handler's own. Both are dear in bulk. */
export interface DirectCalls {
  /** Starts the first attempt, and returns what the handler returns. Throws, or rejects with, what the handler does. */
  attempt(call: TaskCall): unknown
  /** What follows when the first attempt failed with `thrown`: further attempts, and the outcome. */
  afterFailure(call: TaskCall, thrown: unknown): Promise<TaskOutcome>
}

export interface RunTasksOptions {
  /** How many at once, from 1. Default: as many as the engine has room for. */
  readonly concurrency?: number | undefined
  /** Told as each call ends, in whatever order they end. */
  readonly onSettled?: ((index: number, outcome: TaskOutcome) => void) | undefined
}

/** One call of one task. `callKey(call)` is the same on every attempt, and after a crash. */
export interface TaskCall {
  readonly contract: TaskContract
  /** The input as the caller gave it, checked, as JSON: what may cross a process. */
  readonly payload: unknown
  /** The input as the handler sees it: `payload` parsed. */
  readonly input: unknown
  readonly base: BaseFields
  readonly runId: string
  /** The track, orchestrator or task that was asked for. */
  readonly runName: string
  /** The run in which the walk began: handed down to child runs, kept by a resumed run. Part of the key. */
  readonly walkId: string
  /** Where in the walk: `VoiceConversion/AudioProcessingTrack/2:convert_json_to_srt[3]`. Part of the key. */
  readonly path: string
  readonly track: string
  readonly step: string
  /** The call was made by another task's handler. */
  readonly nested: boolean
  readonly enableSupabaseLogging: boolean
  readonly retry: RetryPolicy | undefined
  readonly timeoutMs: number | undefined
  readonly signal: AbortSignal
  /** Told what happens between start and end. Absent where nobody follows the run. */
  readonly observer: CallObserver | undefined
  /** Makes the call of a task that this call's handler asks for (`context.runTasks`), the `number`-th within its attempt. Rejects with `ContractError`. */
  nest(contract: TaskContract, payload: unknown, number: number, signal: AbortSignal): Promise<TaskCall>
}

/** What an engine reports of a call while it runs. */
export interface CallObserver {
  /** The call was made by a handler and has no step of its own: the engine tells its start and end as well. */
  readonly nested: boolean
  started(): void
  ended(outcome: TaskOutcome): void
  retrying(attempt: number, delayMs: number, error: ErrorJson): void
  progress(fraction: number, note?: string): void
  log(level: LogLevel, message: string, fields?: Readonly<Record<string, unknown>>): void
}

/** The envelope, and, where no process was crossed, what was thrown, with its stack. */
export type TaskOutcome = TaskEnvelope & { readonly thrown?: TracksError }

/**
 * Tracks and which of them wait for which: an orchestrator's, or a composite track's sub-tracks.
 * An engine with child runs sends `owner`, `walkId`, `path`, the track's name and `input` across; every process has the definitions.
 */
export interface TrackPlan {
  readonly owner: { readonly kind: 'orchestrator' | 'composite' | 'forEach'; readonly name: string }
  readonly runId: string
  readonly runName: string
  readonly walkId: string
  readonly path: string
  readonly enableSupabaseLogging: boolean
  readonly base: BaseFields
  /** The orchestrator's input: what its tracks' inputs are made of. */
  readonly input: unknown
  /** Each track's own input, where it does not depend on other tracks (`composite`, `forEach`). */
  readonly inputs?: readonly unknown[]
  readonly graph: TrackGraph
  /** `halt`: the first failure cancels what runs, and nothing more starts. `continue`: only what depends on it is skipped. */
  readonly onTrackFailure: 'halt' | 'continue'
  /** Tracks at once. */
  readonly concurrency: number | undefined
  readonly signal: AbortSignal
  /**
   * Walks track number `index`, here, once all it waits for has succeeded. Never rejects.
   * `outcomes`: those of the tracks it waits for, by number.
   */
  runTrack(index: number, outcomes: readonly TrackOutcome[], signal: AbortSignal): Promise<TrackOutcome>
  /** Told of a track that is not started. */
  skipTrack(index: number, outcome: TrackOutcome): void
}

/** A graph by numbers: what each track waits for, and what waits for it. Worked out once for a definition. */
export interface TrackGraph {
  readonly names: readonly string[]
  readonly dependencies: readonly (readonly number[])[]
  readonly dependants: readonly (readonly number[])[]
}

/** How a track of an orchestrator or composite ended. */
export type TrackOutcome =
  | { readonly status: 'succeeded'; readonly output: unknown; readonly durationMs: number }
  | { readonly status: 'failed'; readonly error: ErrorJson; readonly durationMs: number; readonly thrown?: TracksError }
  /** `because`: the failed or skipped track that it waits for. */
  | { readonly status: 'skipped'; readonly because: string }
  /** Stopped while it ran, or never started, since the run was halted or cancelled. */
  | { readonly status: 'cancelled'; readonly durationMs: number }
