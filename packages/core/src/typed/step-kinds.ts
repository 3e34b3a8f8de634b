import type { RetryPolicy } from '@track-orchestrator/registry'
import type { AnyRun } from './any-run.ts'
import type { ConcurrencyNeedsForEach, ForEachFunctionReturnsTaskInputs, OnItemErrorNeedsForEach, OnlyForTasks, QuestionRunsNothing, RepeatNeedsTrack, RepeatsNoItems, WaitRunsNothing } from './step-faults.ts'
import type { AnyTrack, SchemaOf } from './track.ts'

export interface TaskStep<TaskName> {
  /** The task's name in the registry. */
  readonly taskName: TaskName
  /** Overrides the contract's. */
  readonly retry?: RetryPolicy
  /** Wall time an attempt may take, in milliseconds. Overrides the contract's. */
  readonly timeoutMs?: number
  /** Whether the task may run inside the track's run: see `TaskPlacement.inline`. Overrides the contract's. */
  readonly placement?: { readonly inline?: boolean }
  readonly repeat?: RepeatNeedsTrack
}
export interface TrackStep<Input, Output> {
  /** Runs a whole track as this step. */
  readonly track: AnyTrack
  /** Runs the track again and again, one time after the other, and hands on what the last time made. */
  readonly repeat?: Repeat<Input, Output>
  readonly taskName?: never
  readonly retry?: OnlyForTasks
  readonly timeoutMs?: OnlyForTasks
  readonly placement?: OnlyForTasks
}
export interface Repeat<Input, Output> {
  /** Asked after each time, with what it handed on and how many times there have been, from 1: whether that was the last. */
  readonly until: (output: Output, times: number) => boolean
  /** How many times at most, from 1 to 1,000. Where none of them was enough, the step fails with `repeat/not_reached`. */
  readonly maxTimes: number
  /** Makes the input of the next time of what the last one handed on. Default: each time has the same input. */
  readonly next?: (output: Output, times: number) => Input
}
export interface WaitStep<Arguments extends unknown[]> {
  /** Name of the step, where there are several that wait. Default `wait`. */
  readonly id?: string
  /** Answers whether the step waits. */
  readonly when?: (...parameters: Arguments) => boolean
  /** Waits so many milliseconds, from 0 to a year, from when the step began first, and hands the previous output on. */
  readonly waitMs?: number
  /** Waits until a moment: a date, an ISO 8601 text, or milliseconds since 1970. One that is past waits for nothing. */
  readonly waitUntil?: (...parameters: Arguments) => Date | string | number
  readonly inputMapper?: WaitRunsNothing
  readonly forEach?: WaitRunsNothing
  readonly repeat?: WaitRunsNothing
  readonly onError?: WaitRunsNothing
  readonly retry?: WaitRunsNothing
  readonly timeoutMs?: WaitRunsNothing
  readonly placement?: WaitRunsNothing
}
export interface ApproveStep<Arguments extends unknown[], Answer> {
  /** What is asked for: `runner.answer(runId, 'review', value)`. */
  readonly approve: string
  /** Name of the step in `outputs`. Default: what `approve` says. */
  readonly id?: string
  /** Answers whether the step asks. */
  readonly when?: (...parameters: Arguments) => boolean
  /** What is shown to who answers. Default: the previous output. */
  readonly input?: (...parameters: Arguments) => unknown
  /**
   * What an answer must be: it is the step's output. Without one the answer is yes or no: `true` hands on what came before, `false` fails the
   * step.
   */
  readonly schema?: SchemaOf<any, Answer>
  /** How long an answer is waited for, in milliseconds, from 1 to a year, from when it was asked for first. */
  readonly timeoutMs: number
  /** What it means that nobody answered in time. Default `fail`. */
  readonly onTimeout?: 'fail' | 'skip' | { readonly fallback: Answer }
  readonly taskName?: QuestionRunsNothing
  readonly track?: QuestionRunsNothing
  readonly inputMapper?: QuestionRunsNothing
  readonly forEach?: QuestionRunsNothing
  readonly repeat?: QuestionRunsNothing
  readonly onError?: QuestionRunsNothing
  readonly retry?: QuestionRunsNothing
  readonly placement?: QuestionRunsNothing
}
/** What only a step may have that asks. */
export type ApprovalProperty = 'approve' | 'input' | 'schema' | 'onTimeout'
export type StepProperty = 'taskName' | 'track' | 'repeat' | 'id' | 'when' | 'onError' | 'inputMapper' | 'forEach' | 'concurrency' | 'onItemError' | 'retry' | 'timeoutMs' | 'placement' | 'waitMs' | 'waitUntil'

export interface OneRun<Output, Arguments extends unknown[]> extends AnyRun<Output, Arguments> {
  /** Runs the step once for each item of that list of the previous output, or for each input that a function returns. */
  readonly forEach?: unknown // for completion in editors: a step that has it is one of the next two
  readonly concurrency?: ConcurrencyNeedsForEach
  readonly onItemError?: OnItemErrorNeedsForEach
}
export interface RunPerItem<Output, Arguments extends unknown[], Key> extends AnyRun<Output, Arguments> {
  readonly repeat?: RepeatsNoItems
  /** A key of the previous output, whose value is a list: the step runs once for each item, and hands on the list of outputs. */
  readonly forEach: Key
  /** Items at once, from 1. Default: as many as the engine has room for. */
  readonly concurrency?: number
  /** What an item that fails means for the others. Default `finish`: see `OnItemError`. */
  readonly onItemError?: OnItemError
}
/** The mapper of a step, or of each item. Not optional where it is written: only then does a message point into what it returns. */
export type Mapped<S, Mapper> = S extends { readonly inputMapper: unknown }
  ? {
      /** Makes the input of the previous output, or of an item. Default: those as they are. */
      readonly inputMapper: Mapper
    }
  : {
      /** Makes the input of the previous output, or of an item. Default: those as they are. */
      readonly inputMapper?: Mapper
    }
export interface RunPerInput<Output, Arguments extends unknown[], Inputs> extends AnyRun<Output, Arguments> {
  /** Gives the inputs: the step runs once for each, and hands on the list of outputs. */
  readonly forEach: Inputs
  readonly repeat?: RepeatsNoItems
  readonly inputMapper?: ForEachFunctionReturnsTaskInputs
  /** Inputs at once, from 1. Default: as many as the engine has room for. */
  readonly concurrency?: number
  /** What an item that fails means for the others. Default `finish`: see `OnItemError`. */
  readonly onItemError?: OnItemError
}
/**
 * `finish` (the default): all items run, then the step fails. `halt`: no more are started, then the step fails. `continue`: the step
 * hands on an `ItemResult` for each item.
 */
export type OnItemError = 'finish' | 'halt' | 'continue'
