import type { BaseFields, ErrorJson, RetryPolicy, TaskContract, TracksError } from '@track-orchestrator/registry'
import type { Ledger } from '../costs/ledger.ts'
import type { LogLevel } from '../log/run-event.ts'
import type { Clock } from './clock.ts'
import type { Deadline } from './deadline.ts'
import type { ForkedWalk } from './forked-walk.ts'

/**
 * Carries task calls to their handlers. The port that every engine speaks: in-process, Trigger.dev, yours.
 * An engine that cannot honour an option answers with `engine_unsupported`; it never quietly does something else.
 */
export interface Engine {
  /** Runs one task with retries and timeouts. Never rejects for a failed task: the outcome says so. */
  runTask(call: TaskCall): Promise<TaskOutcome>
  /** Runs many; the outcomes stand in the order of the calls. Never rejects for a failed item. An empty list gives an empty list. */
  runTasks(calls: readonly TaskCall[], options: RunTasksOptions): Promise<TaskOutcome[]>
  /** Runs tracks that depend on each other, each as soon as it can. Never rejects for a failed track. */
  runTracks(plan: TrackPlan): Promise<TrackOutcome[]>
  /**
   * Waits: `call.input` is `{ waitMs }`, to be counted from when the call was first begun, or `{ until }`, an ISO 8601 text. Holds no place
   * meanwhile. Absent where the engine cannot.
   */
  wait?(call: TaskCall): Promise<TaskOutcome>
  /**
   * Asks for an answer and waits for it: `call.input` is what is shown to who answers, the contract's output what the answer must be. Holds no
   * place meanwhile. `timeoutMs` is counted from when the call was first begun. `answered` and `unanswered` make the outcomes. Absent where
   * the engine cannot.
   */
  ask?(call: TaskCall, question: Question): Promise<TaskOutcome>
  /** Whether there is a handler for the task, so that a missing one is told before anything runs. Absent where the engine cannot know. */
  hasHandler?(taskName: string): boolean
  /** How time goes where the walk is walked. Absent: as in every process. */
  readonly time?: EngineTime
}

/** The clock of time limits, what waits between attempts, and the jitter: from 0 up to 1. */
export interface EngineTime {
  readonly clock: Clock
  readonly pause: (delayMs: number, signal: AbortSignal) => Promise<unknown>
  readonly random?: () => number
}

/** How long an answer is waited for, and what it means that there is none. */
export interface Question {
  /** From 1, in milliseconds. */
  readonly timeoutMs: number
  readonly onTimeout: 'fail' | 'skip' | { readonly fallback: unknown }
}

/** A walk of a track that has failed before. `mark`: tells it from those before it, `~2`. `beganAt`: milliseconds since 1970. */
export interface Round {
  readonly mark: string
  readonly beganAt: number
}

export interface RunTasksOptions {
  /** How many at once, from 1. Default: as many as the engine has room for. */
  readonly concurrency?: number | undefined
  /**
   * What the first failure means for the others. `continue` (default): all run. `stop`: no more are started, and what is not has the
   * outcome of `notStarted`; what runs goes on to its end.
   */
  readonly onFailure?: 'continue' | 'stop' | undefined
  /** Told as each call ends, in whatever order they end. Calls that are not started are not told of. */
  readonly onSettled?: ((index: number, outcome: TaskOutcome) => void) | undefined
}

/** One call of one task. `callKey(call)` is the same on every attempt, and after a crash. */
export interface TaskCall {
  readonly contract: TaskContract
  /** The input as the caller gave it, checked, as JSON: what may cross a process. */
  readonly payload: unknown
  /** `payload` parsed: what the handler's first attempt is given. Later attempts parse `payload` again, so that each has an input of its own. */
  readonly input: unknown
  readonly base: BaseFields
  readonly runId: string
  /** The track, orchestrator or task that was asked for. */
  readonly runName: string
  /** The run in which the walk began: handed down to child runs, kept by a resumed run; of a fork, that from which the call is taken over, if it is. Part of the key. */
  readonly walkId: string
  /** Where in the walk: `VoiceConversion/AudioProcessingTrack/convert_json_to_srt[3]`. Part of the key. */
  readonly path: string
  readonly track: string
  readonly step: string
  /** By when the track that it is part of must have ended. Where the process may be suspended, or the call waits elsewhere, the engine must see to it; else `signal` does. */
  readonly deadline?: Pick<Deadline, 'at' | 'pass'> | undefined
  /** Its track failed before, and is walked again: see `Round`. */
  readonly round?: Round | undefined
  /** The call was made by another task's handler. */
  readonly nested: boolean
  /** Whether the run's history is kept: see `RunEvent.kept`. */
  readonly kept: boolean
  readonly retry: RetryPolicy | undefined
  /** How long an attempt's own work may take: waiting for a place, for other tasks or for the platform does not count. */
  readonly timeoutMs: number | undefined
  /** It may run inside the run that asks for it, and need not be remembered: see `TaskPlacement.inline`. */
  readonly inline: boolean
  readonly signal: AbortSignal
  /** Told what its handler pays, and asked whether an attempt may begin. One for all calls of the run in this process. */
  readonly ledger: Ledger
  /** Told what happens between start and end. Absent where nobody follows the run. */
  readonly observer: CallObserver | undefined
  /**
   * Makes the call of a task that this call's handler asks for (`context.runTasks`), the `number`-th within its attempt; `onProgress` is
   * told of its progress, where somebody follows the run. Rejects with `ContractError`.
   */
  nest(contract: TaskContract, payload: unknown, number: number, signal: AbortSignal, onProgress?: (fraction: number) => void): Promise<TaskCall>
}

/** What an engine reports of a call while it runs. */
export interface CallObserver {
  /** Start and end are asked for where the call was made by a handler: it has no step that tells them. */
  readonly started?: () => void
  readonly ended?: (outcome: TaskOutcome) => void
  retrying(attempt: number, delayMs: number, error: ErrorJson): void
  progress(fraction: number, note?: string): void
  log(level: LogLevel, message: string, fields?: Readonly<Record<string, unknown>>): void
}

interface AttemptFacts {
  /** The number of the last attempt, from 1; 0 where none was made. */
  readonly attempt: number
  /** What the handler put into `context.metadata`. */
  readonly metadata: Readonly<Record<string, unknown>>
}

/** How a call ended. `output` is parsed already: it is what the next step sees, and nobody parses it again. */
export type TaskOutcome =
  | ({
      readonly status: 'succeeded'
      readonly output: unknown
      /** It had ended so before: nothing ran now. */
      readonly isReused?: true
    } & AttemptFacts)
  | ({
      readonly status: 'failed'
      readonly error: TracksError
      /** Another call had failed before this one began, and they stop at that: see `notStarted`. Absent where the call itself failed. */
      readonly isNotStarted?: true
    } & AttemptFacts)

/** Tracks and which of them wait for which: an orchestrator's, a composite track's sub-tracks, or the items of a `forEach` over a track. */
export interface TrackPlan {
  readonly graph: TrackGraph
  /**
   * `halt`: the first failure cancels what runs, and nothing more starts. `stop`: nothing more starts, what runs goes on to its end.
   * `continue`: only what depends on the failed track is skipped.
   */
  readonly onTrackFailure: 'halt' | 'stop' | 'continue'
  /** The first success cancels what runs, and nothing more starts: at most one outcome is `succeeded`. Beside `continue`, and without dependencies. */
  readonly race?: boolean | undefined
  /** Tracks at once, from 1. Default: no limit. */
  readonly concurrency: number | undefined
  readonly signal: AbortSignal
  /** Told what its tracks have paid, where that is in other processes. */
  readonly ledger: Ledger
  /** What a run in another process must be told to walk one of the tracks. Engines in this process need none of it. */
  readonly origin: TrackOrigin
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

/** Where the tracks of a plan come from. Plain data but for `inputOf`, which gives plain data; every process has the definitions. */
export interface TrackOrigin {
  readonly owner: { readonly kind: 'orchestrator' | 'composite' | 'forEach'; readonly name: string }
  readonly runId: string
  readonly runName: string
  readonly walkId: string
  /** Where the walk was forked from another: to be handed on with `walkId`. */
  readonly fork?: ForkedWalk | undefined
  /** As of calls. */
  readonly round: Round | undefined
  readonly deadlineAt: number | undefined
  /** Of the owner: the path of a track begins with it. */
  readonly path: string
  readonly kept: boolean
  readonly base: BaseFields
  /** What track number `index` is told: the orchestrator's input, of which it makes its own; else its own input. */
  inputOf(index: number): unknown
}

/** How a track of an orchestrator or composite ended. */
export type TrackOutcome =
  | { readonly status: 'succeeded'; readonly output: unknown; readonly durationMs: number }
  | { readonly status: 'failed'; readonly error: ErrorJson; readonly durationMs: number; readonly thrown?: TracksError }
  /** `because`: the failed or skipped track that it waits for. */
  | { readonly status: 'skipped'; readonly because: string }
  /** Stopped while it ran, or never started, since the run was halted or cancelled. */
  | { readonly status: 'cancelled'; readonly durationMs: number }
