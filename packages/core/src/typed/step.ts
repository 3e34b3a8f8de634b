import type { Registry, RetryPolicy } from '@track-orchestrator/registry'
import type { ItemArguments, StepArguments } from './context.ts'
import type { AnyTrack } from './track.ts'
import type { AnyOutputs, EarlierOutputs, FactsOf, InOut, ItemsOut, OutputsOf, Pending, StepFacts, Wire, WireAt, Wiring } from './wiring.ts'

/**
 * A track's steps. The right half teaches the compiler what stands in the literal; the left half checks each step and
 * types its functions. `Written` must have no array constraint: with one, `keyof Written[K]` infers `unknown`.
 */
export type Steps<R extends Registry, Written, Input> = {
  readonly [K in keyof Written]: Step<R, Written, K, Input> & {
    readonly [P in keyof Written[K]]: P extends StepProperty ? Read<Written[K][P]> : UnknownStepProperty<P>
  }
}

/** Inference reads `T` through both branches; once known, it is `unknown` and leaves no trace in messages. */
type Read<T> = [T] extends [never] ? T : unknown

type Step<R extends Registry, Written, K, Input> = K extends keyof Written
  ? ('track' extends keyof Written[K] ? TrackStep : TaskStep<keyof R & string>) &
      Wired<
        R,
        WireAt<Wiring<R, FactsOf<Written>, Input>, K>,
        WireAt<Wiring<R, FactsOf<Written>, Input>, K>['facts'],
        OutputsOf<R, FactsOf<Written>>,
        Input
      > &
      IdIsFree<WireAt<Wiring<R, FactsOf<Written>, Input>, K>>
  : OneRun<Pending, any, any>

/** The functions stand behind this conditional on purpose: only so are they typed while inference is still going on. */
type Wired<
  R extends Registry,
  W extends Wire,
  Facts extends StepFacts,
  All extends AnyOutputs,
  Input,
  Runs extends { in: any; out: any } = InOut<R, Facts['runs']>,
> = Facts['each'] extends false
  ? OneRun<Runs['in'], Runs['out'], StepArguments<W['previous'], Input, EarlierOutputs<W['ids'], All>>> &
      ([W['previous']] extends [Runs['in']] ? {} : InputMapperRequired<W['previous'], Runs['in']>)
  : Facts['each'] extends string
    ? RunPerItem<
        Runs['in'],
        ItemsOut<Runs['out'], Facts['ends']>,
        StepArguments<W['previous'], Input, EarlierOutputs<W['ids'], All>>,
        ListKey<W['previous']>,
        ItemArguments<ItemOf<W['previous'], Facts['each']>, Input, EarlierOutputs<W['ids'], All>>
      > &
        ([ItemOf<W['previous'], Facts['each']>] extends [Runs['in']] ? {} : ItemMapperRequired<ItemOf<W['previous'], Facts['each']>, Runs['in']>)
    : RunPerInput<
        Facts['each'] extends true ? Runs['in'] : unknown,
        ItemsOut<Runs['out'], Facts['ends']>,
        StepArguments<W['previous'], Input, EarlierOutputs<W['ids'], All>>
      >

type IdIsFree<W extends Wire> = W['facts']['id'] extends W['ids'] ? (string extends W['ids'] ? {} : StepIdTaken<W['facts']['id']>) : {}

type ListKey<Previous> = [Previous] extends [readonly unknown[]]
  ? never
  : keyof { [P in keyof Previous as Previous[P] extends readonly unknown[] ? P : never]: 0 }
type ItemOf<Previous, Key> = Key extends keyof Previous ? (Previous[Key] extends readonly (infer Item)[] ? Item : any) : any

interface TaskStep<TaskName> {
  /** The task's name in the registry. */
  readonly taskName: TaskName
  /** Overrides the contract's. */
  readonly retry?: RetryPolicy
  /** Wall time an attempt may take, in milliseconds. Overrides the contract's. */
  readonly timeoutMs?: number
  /** Whether the task may run inside the track's run: see `TaskPlacement.inline`. Overrides the contract's. */
  readonly placement?: { readonly inline?: boolean }
}
interface TrackStep {
  /** Runs a whole track as this step. */
  readonly track: AnyTrack
  readonly taskName?: never
  readonly retry?: OnlyForTasks
  readonly timeoutMs?: OnlyForTasks
  readonly placement?: OnlyForTasks
}
type StepProperty = 'taskName' | 'track' | 'id' | 'when' | 'onError' | 'inputMapper' | 'forEach' | 'concurrency' | 'onItemError' | 'retry' | 'timeoutMs' | 'placement'

interface AnyRun<Output, Arguments extends unknown[]> {
  /** Name of the step in `outputs`. Default: the task's or track's name. */
  readonly id?: string
  /** Answers whether the step runs. One that does not leaves `undefined` in `outputs`, and the previous output as it was. */
  readonly when?: (...parameters: Arguments) => boolean
  /** What a failure of the step means: the track fails (`halt`, the default), goes on without its output, or with the fallback. */
  readonly onError?: 'halt' | 'continue' | { readonly fallback: Output }
}
interface OneRun<In, Output, Arguments extends unknown[]> extends AnyRun<Output, Arguments> {
  /** Runs the step once for each item of that list of the previous output, or for each input that a function returns. */
  readonly forEach?: unknown // for completion in editors: a step that has it is one of the next two
  /** Makes the input of the previous output. Default: the previous output as it is. */
  readonly inputMapper?: (...parameters: Arguments) => In
  readonly concurrency?: ConcurrencyNeedsForEach
  readonly onItemError?: OnItemErrorNeedsForEach
}
interface RunPerItem<In, Output, Arguments extends unknown[], Key, PerItem extends unknown[]> extends AnyRun<Output, Arguments> {
  /** A key of the previous output, whose value is a list: the step runs once for each item, and hands on the list of outputs. */
  readonly forEach: Key
  /** Makes the input of an item. Default: the item as it is. */
  readonly inputMapper?: (...parameters: PerItem) => In
  /** Items at once, from 1. Default: as many as the engine has room for. */
  readonly concurrency?: number
  /** What an item that fails means for the others. Default `finish`: see `OnItemError`. */
  readonly onItemError?: OnItemError
}
interface RunPerInput<In, Output, Arguments extends unknown[]> extends AnyRun<Output, Arguments> {
  /** Gives the inputs: the step runs once for each, and hands on the list of outputs. */
  readonly forEach: (...parameters: Arguments) => readonly In[]
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

/** `Property 'inputMapper' is missing … required in type 'InputMapperRequired<{ path }, { url }>'`: the previous output does not fit the task's input. */
export interface InputMapperRequired<PreviousOutput, TaskInput> {
  readonly inputMapper: unknown
  readonly '~mismatch'?: [PreviousOutput, TaskInput]
}
/** `Property 'inputMapper' is missing … required in type 'ItemMapperRequired<Item, TaskInput>'`: the items do not fit the task's input. */
export interface ItemMapperRequired<Item, TaskInput> {
  readonly inputMapper: unknown
  readonly '~mismatch'?: [Item, TaskInput]
}
/** `Property 'id' is missing … required in type 'StepIdTaken<"Speech">'`: an earlier step has this id (or, without one, this name). Give another. */
export interface StepIdTaken<Id> {
  readonly id: AnotherIdThan<Id>
}
/** `Type 'string' is not assignable to type 'string & AnotherIdThan<"speech">'`: an earlier step has this id. */
export interface AnotherIdThan<Id> {
  readonly '~taken': Id
}
/** `inputMapper` stands beside `forEach: (…) => …`, which returns the task's inputs itself. Return them there, or name the list: `forEach: 'key'`. */
export interface ForEachFunctionReturnsTaskInputs {
  readonly '~hint': never
}
/** `concurrency` stands on a step that runs once. */
export interface ConcurrencyNeedsForEach {
  readonly '~hint': never
}
/** `onItemError` stands on a step that runs once. */
export interface OnItemErrorNeedsForEach {
  readonly '~hint': never
}
/** `retry`, `timeoutMs` or `placement` stands on a step that is a whole track. Give it to the tasks inside. */
export interface OnlyForTasks {
  readonly '~hint': never
}
/** `Type 'number' is not assignable to type 'UnknownStepProperty<"retries">'`: a step has no such property. */
export interface UnknownStepProperty<Name> {
  readonly '~unknownStepProperty': Name
}
