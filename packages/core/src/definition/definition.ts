import type { RetryPolicy } from '@track-orchestrator/registry'
import type { $ZodType } from 'zod/v4/core'

// Definitions as an engine reads them, without types for the data that flows. What `forRegistry(tasks)` returns is
// assignable to these, and so is a literal written by hand. `any` is deliberate: it is what "untyped" means here.

/** A task's place in a track, with its mapping. */
export interface TrackTaskDefinition {
  /** The task's name; for a step that is a track, the track's name; for one that waits, `wait`; for one that asks, what `approve` says. */
  taskName: string
  /** Name of the step in `outputs`. Default: the task's or track's name. Two steps with one id are an error. */
  id?: string
  /** Runs a whole track as this step. */
  track?: TrackDefinition
  /** Runs the track again and again, one time after the other. Only beside `track`. */
  repeat?: RepeatDefinition
  /**
   * The step waits so many milliseconds, from 0 to a year, runs nothing, and hands the previous output on. The time counts from when the step
   * began first: a run that is resumed waits for what is left of it.
   */
  waitMs?: number
  /** As `waitMs`, until a moment: a date, an ISO 8601 text, or milliseconds since 1970. One that is past waits for nothing. */
  waitUntil?: (prevOutput: any, originalInput: any, context: any) => Date | string | number
  /**
   * The step asks a person or a machine, by this name, and waits for the answer: `runner.answer`, `tracks approve`, `client.answer`. With a
   * `schema` the answer is the step's output; without one it is yes or no: `true` hands on what came before, `false` fails the step
   * (`approval/rejected`).
   */
  approve?: string
  /** What is shown to who answers, as JSON. Default: the previous output. Only beside `approve`. */
  input?: (prevOutput: any, originalInput: any, context: any) => any
  /** What an answer must be. Only beside `approve`. */
  schema?: InputSchema
  /**
   * What it means that nobody answered within `timeoutMs`: the step fails with `approval/timed_out` (`fail`, the default), is skipped, or
   * takes the fallback for an answer. Only beside `approve`.
   */
  onTimeout?: 'fail' | 'skip' | { readonly fallback: any }
  /** Makes the task's input of the previous output (of one item, beside `forEach: 'key'`). Default: the previous output as it is. */
  inputMapper?: (prevOutput: any, originalInput: any, ...context: any[]) => any
  /** Runs the step once for each item of that key of the previous output, or for each input that the function returns. */
  forEach?: string | ((prevOutput: any, originalInput: any, context: any) => readonly any[])
  /** Items at once. Default: as many as the engine has room for. Only beside `forEach`. */
  concurrency?: number
  /** Answers whether the step runs. Default: it does. */
  when?: (prevOutput: any, originalInput: any, context: any) => boolean
  /** What a failure of the step means for the track. Default: `halt`. */
  onError?: 'halt' | 'continue' | { readonly fallback: any }
  /**
   * What the failure of one item means for the others, beside `forEach`. `finish` (default): all run, then the step fails. `halt`: no more
   * are started, then the step fails. `continue`: the step succeeds with `{ status: 'succeeded', output } | { status: 'failed', error }` for
   * each item, `error` as JSON. A step that fails has every item's end in its error's `items`.
   */
  onItemError?: 'finish' | 'halt' | 'continue'
  /** Overrides the contract's. */
  retry?: RetryPolicy
  /**
   * How long an attempt's own work may take, in milliseconds: not its waits for a place or for other tasks. Overrides the contract's. Beside
   * `approve`: how long an answer is waited for, from when it was asked for first; required there, up to a year.
   */
  timeoutMs?: number
  /** Whether the task may run inside the track's run: see `TaskPlacement.inline`. Overrides the contract's. */
  placement?: { readonly inline?: boolean }
}

/**
 * How a step's track is run again and again. Each time has a path of its own (`refine[0]`, `refine[1]`), under which what finished in it is reused when
 * the run is resumed. What the last time hands on is the step's output.
 */
export interface RepeatDefinition {
  /**
   * Asked after each time, with what it handed on and how many times there have been, from 1: whether that was the last. A run that is resumed asks
   * again about the times that are reused, so the same output must get the same answer.
   */
  readonly until: (output: any, times: number) => boolean
  /** How many times at most, from 1 to 1,000. Where none of them was enough, the step fails with `repeat/not_reached`. */
  readonly maxTimes: number
  /** Makes the input of the next time of what the last one handed on. Default: each time has the same input. */
  readonly next?: (output: any, times: number) => any
}

/** Anything that can check a track's input; in practice a zod schema. */
export type InputSchema = $ZodType

/** When runs begin by themselves. On Trigger.dev (`createTriggerWorker`): nothing in this process watches the clock. */
export interface Schedule {
  /** Five fields: minute, hour, day of the month, month, day of the week. `0 3 * * *`: every night at three. */
  readonly cron: string
  /** The IANA name of the time zone that `cron` is meant in, such as `Europe/Berlin`. Default `UTC`. */
  readonly timezone?: string
  /** What each run is given: the input and the base fields, as JSON. */
  readonly payload: any
}

/** A track: tasks in sequence, as data. */
export interface TrackDefinition {
  name: string
  /** Keep this track's history in Supabase, where a Supabase log is attached. Default false. */
  enableSupabaseLogging?: boolean
  /** Checks the track's input before anything runs. Default: the first task's own schema does. */
  input?: InputSchema
  /**
   * Within which the track must have ended, in milliseconds of wall time: with all its waits, questions, retries and sub-tracks. From 1 to a year. Then what
   * runs in it is cancelled, and it fails with `timed_out`. A run that is resumed has the whole time again. Default: as long as it takes.
   */
  timeoutMs?: number
  /**
   * Walks the track again where it fails with what may pass (`retryable`), after a while: what finished in it is reused, as by a resume. `timeoutMs` goes on meanwhile.
   * Default: it is walked once.
   */
  retry?: RetryPolicy
  /** When runs of the track begin by themselves, on Trigger.dev. Default: never. */
  schedule?: Schedule
  tasks: readonly TrackTaskDefinition[]
}

/** A track with parallel sub-tracks and a merge. Its own `tasks` run first; every sub-track gets their last output. */
export interface CompositeTrackDefinition extends TrackDefinition {
  type: 'composite'
  subTracks: readonly TrackDefinition[]
  /**
   * `all` (default): every sub-track must succeed, and the outputs are merged. `race`: the first sub-track that succeeds wins, its output
   * is the track's, and the others are cancelled; those that fail before are passed over. Where none succeeds, the track fails with
   * `tracks/all_failed`, whose `items` say how each ended; it is `retryable` where one of those errors is.
   */
  mode?: 'all' | 'race'
  /** Sub-tracks at once. Default: all. */
  concurrency?: number
  /** Makes the track's output of the sub-tracks' outputs, in their order. Default: the outputs by sub-track name. Not in a race. */
  mergeStrategy?: (outputs: any, context: any) => any
}

/** The untyped pair of names from the specification's "typed" tracks, bound to a registry's task names. */
export interface TypedTrackTaskDefinition<TaskName extends string = string> extends TrackTaskDefinition {
  taskName: TaskName
}
export interface TypedTrackDefinition<TaskName extends string = string> extends TrackDefinition {
  tasks: readonly TypedTrackTaskDefinition<TaskName>[]
}

/** Several tracks, which of them wait for which, and an optional last task. */
export interface OrchestratorDefinition {
  name: string
  /** As `TrackDefinition.enableSupabaseLogging`, for the run as a whole. */
  enableSupabaseLogging?: boolean
  input?: InputSchema
  /** When runs of it begin by themselves, on Trigger.dev. Default: never. */
  schedule?: Schedule
  tracks: readonly TrackDefinition[]
  /** For a track's name: the names of the tracks it waits for. Default: none. */
  trackDependencies?: Readonly<Record<string, readonly string[] | undefined>>
  /** For a track's name: makes its input of its dependencies' outputs (by name) and the orchestrator's input. */
  trackInputMappings?: Readonly<Record<string, ((outputs: any, originalInput: any) => any) | undefined>>
  /** `halt` (default): the others are cancelled. `continue`: only what depends on the failed track is skipped. */
  onTrackFailure?: 'halt' | 'continue'
  finalTask?: { taskName: string; inputMapper?: (outputs: any, originalInput: any) => any; retry?: RetryPolicy; timeoutMs?: number; placement?: { readonly inline?: boolean } }
}

/** What a step that waits goes by, where it has no id. */
export const waitName = 'wait'

export const isWait = ({ waitMs, waitUntil }: TrackTaskDefinition): boolean => waitMs !== undefined || waitUntil !== undefined

export const isApproval = ({ approve }: TrackTaskDefinition): boolean => approve !== undefined

/** What a step runs: the name of its track or task, of what it asks for, or `wait`. By this it goes where it has no id. */
export const runsOf = (step: TrackTaskDefinition): string => step.track?.name ?? step.approve ?? (isWait(step) ? waitName : step.taskName)

export const isComposite = (track: TrackDefinition): track is CompositeTrackDefinition => 'type' in track && track.type === 'composite'
