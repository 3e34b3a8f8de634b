import type { BaseFields } from './base-fields.ts'
import type { Cost } from './cost.ts'
import type { Registry } from './registry.ts'
import type { TaskContract } from './task-contract.ts'

type LogLine = (message: string, fields?: Readonly<Record<string, unknown>>) => void

/** Lines for whoever follows the run. Secrets and signed URLs are blotted out before they get anywhere. */
export interface TaskLog {
  readonly debug: LogLine
  readonly info: LogLine
  readonly warn: LogLine
  readonly error: LogLine
}

/** A call to another task, with the contract itself in hand, so that input and output are typed. */
export interface TaskRequest<C extends TaskContract> {
  readonly task: C
  readonly input: C['~io']['in']
}

/** What a handler is given beside its input. */
export interface TaskContext extends BaseFields {
  readonly run: { readonly id: string }
  readonly taskName: string
  /** From 1. */
  readonly attempt: number
  /** Aborted when the run is cancelled or the attempt's time is over: stop, tidy up, and throw. */
  readonly signal: AbortSignal
  readonly log: TaskLog
  /** Says how far the attempt has come: a fraction from 0 to 1, and a few words for a person. */
  readonly progress: (fraction: number, note?: string) => void
  /**
   * Runs other registered tasks on the same engine, each as a task of its own, and gives their outputs in the same order.
   * When all have ended, rejects with the first failure. One call at a time: a second one while the first goes on is refused
   * (`engine_unsupported`).
   */
  readonly runTasks: <C extends TaskContract>(calls: readonly TaskRequest<C>[], options?: RunTasksRequest) => Promise<C['~io']['out'][]>
  /**
   * Says what the attempt has paid for, as soon as it is paid: `cost({ amount: 1200, unit: 'characters' })`. May be called again; amounts of a
   * unit are added up, for the step, its track, the run and its tenant, also where the attempt fails afterwards. Throws `DefinitionError` for an
   * amount that is no number from 0 up.
   */
  readonly cost: (cost: Cost) => void
  /** Facts about the attempt that are no result: the provider, the model. They end up in the envelope. */
  readonly metadata: Record<string, unknown>
}

/** How a handler's own tasks are run. */
export interface RunTasksRequest {
  /** How many at once. Default: as many as the engine has room for. */
  readonly concurrency?: number
  /**
   * Told how far they have come, for `context.progress`. While they go on, where they run in the handler's process; where they are
   * runs of their own, which it waits for asleep, only when it is awake again.
   */
  readonly onProgress?: (progress: TasksProgress) => void
}

/** How far tasks have come that run side by side. */
export interface TasksProgress {
  /** Of all of them together, each counting the same: from 0 to 1. */
  readonly fraction: number
  /** How many have ended. */
  readonly ended: number
}

/** Does a task: gets the parsed input, returns just its results. What it throws decides over retrying: see `TracksError`. */
export type TaskHandler<C extends TaskContract = TaskContract> = (
  input: C['~handler']['input'],
  context: TaskContext,
) => Promise<C['~handler']['results']> | C['~handler']['results']

/** A handler for every task of a registry. */
export type TaskHandlers<R extends Registry = Registry> = { readonly [N in keyof R]: TaskHandler<R[N]> }
