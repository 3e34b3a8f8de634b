import type { Costs, ErrorJson } from '@track-orchestrator/registry'

/** What every event says of itself and of its run. */
export interface EventFacts {
  /** UUID v7: sorts by time, and makes writing the same event twice harmless. */
  readonly id: string
  /** Milliseconds since 1970 (UTC). */
  readonly at: number
  /** Counts the events of this run in this process, from 1. */
  readonly sequence: number
  readonly runId: string
  /** The track or orchestrator that was asked for. */
  readonly runName: string
  readonly tenantId: string
  readonly projectId: string
  readonly userId?: string
  /** Whether the history of it is kept, by a log that keeps histories: the track or the orchestrator has `enableSupabaseLogging: true`. */
  readonly kept: boolean
}

interface InTrack {
  readonly track: string
  /** Unique within the run: `VoiceConversion/AudioProcessingTrack`. */
  readonly path: string
}

interface InStep extends InTrack {
  readonly step: string
  readonly taskName: string
  /** The call was made by a handler (`context.runTasks`), below a step. */
  readonly nested: boolean
}

interface Ended {
  readonly durationMs: number
  /**
   * What was paid, failed attempts included: of a step and a track since the run was gone on with; of a run all that it has paid by its id. Absent
   * where nothing was.
   */
  readonly costs?: Costs
}

/** What happens in a run, as data. Noun, then past. Bodies of payloads only for logs that ask for them. */
export type RunEventBody =
  | { readonly type: 'run.started'; readonly kind: 'track' | 'orchestrator' | 'task'; readonly inputSizeBytes?: number }
  | ({ readonly type: 'run.succeeded'; readonly outputSizeBytes?: number; readonly output?: unknown } & Ended)
  | ({ readonly type: 'run.failed'; readonly error: ErrorJson } & Ended)
  | ({ readonly type: 'run.cancelled' } & Ended)
  | ({ readonly type: 'track.started'; readonly stepCount: number } & InTrack)
  /** `output`: of a track that a step repeats, what this time handed on. */
  | ({ readonly type: 'track.succeeded'; readonly output?: unknown } & InTrack & Ended)
  | ({ readonly type: 'track.failed'; readonly error: ErrorJson } & InTrack & Ended)
  | ({ readonly type: 'track.cancelled' } & InTrack & Ended)
  /** `because`: the track it depends on, that failed or was skipped itself. */
  | ({ readonly type: 'track.skipped'; readonly because: string } & InTrack)
  /** `itemCount`: how often the step runs, for a `forEach`. */
  | ({ readonly type: 'step.started'; readonly itemCount?: number; readonly inputSizeBytes?: number; readonly input?: unknown } & InStep)
  /** The attempt failed; the next one starts after `delayMs`. */
  | ({ readonly type: 'step.retrying'; readonly attempt: number; readonly delayMs: number; readonly error: ErrorJson } & InStep)
  /** `fraction`: from 0 to 1. */
  | ({ readonly type: 'step.progress'; readonly fraction: number; readonly note?: string } & InStep)
  /** `reused`: it had finished before, in this run or in one that was gone on with, and nothing ran now. */
  | ({ readonly type: 'step.succeeded'; readonly attempt: number; readonly reused?: true; readonly outputSizeBytes?: number; readonly output?: unknown; readonly metadata?: Readonly<Record<string, unknown>> } & InStep & Ended)
  /** `handled`: the track goes on (`onError: 'continue'` or a fallback). */
  | ({ readonly type: 'step.failed'; readonly attempt: number; readonly error: ErrorJson; readonly handled: boolean } & InStep & Ended)
  /** Its `when` said no. */
  | ({ readonly type: 'step.skipped' } & InStep)
  | ({ readonly type: 'log'; readonly level: LogLevel; readonly message: string; readonly fields?: Readonly<Record<string, unknown>> } & Partial<InStep>)

export type LogLevel = 'debug' | 'info' | 'warn' | 'error'
export type RunEvent = EventFacts & RunEventBody
