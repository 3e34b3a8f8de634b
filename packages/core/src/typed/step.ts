import type { Registry } from '@track-orchestrator/registry'
import type { ItemArguments, StepArguments } from './context.ts'
import type { Asks, AsksYesOrNo, FactsOfStep, StepFacts, Waits } from './facts.ts'
import type { InputsOf, MapperOf } from './mapped-input.ts'
import type { AnotherIdThan, InputMapperRequired, ItemMapperRequired, SpreadStepsNeedNames, StepIdTaken, UnknownStepProperty } from './step-faults.ts'
import type { ApprovalProperty, ApproveStep, Mapped, OneRun, RunPerInput, RunPerItem, StepProperty, TaskStep, TrackStep, WaitStep } from './step-kinds.ts'
import type { AnyOutputs, AnyPlan, EarlierOutputs, InOut, ItemsOut, Pending, Wire, WireAt } from './wiring.ts'

/**
 * A track's steps. The list as a whole stands behind a condition: only so is it known, while functions are being typed, which step is
 * which after a spread list (`...common`), where positions do not tell.
 */
export type Steps<R extends Registry, Written, P extends AnyPlan, Input> = unknown extends Written
  ? readonly StepToBe[]
  : [Written] extends [readonly []]
    ? readonly StepToBe[]
    : P['untold'] extends true
      ? SpreadStepsNeedNames
      : CheckedSteps<R, Written, P, Input>
type StepToBe = OneRun<any, any> & Mapped<unknown, (...parameters: any) => Pending>
/**
 * One half teaches the compiler what stands in the literal: inference reads both branches of a conditional, and once it is done, only
 * `Step` is left, which checks each step and types its functions. `Written` must have no array constraint: with one,
 * `keyof Written[K]` infers `unknown`.
 */
type CheckedSteps<R extends Registry, Written, P extends AnyPlan, Input> = {
  readonly [K in keyof Written]: P extends Never ? { readonly [Q in keyof Written[K]]: Read<Written[K][Q]> } : Step<R, Written, K, P, Input>
}
export interface Never {
  readonly '~never': never
}
/** Inference reads `T` through both branches. */
export type Read<T> = [T] extends [never] ? T : unknown

type Step<R extends Registry, Written, K, P extends AnyPlan, Input> = K extends keyof Written
  ? StepAs<R, Written[K], FactsOfStep<Written[K]>, WireAt<P, K, FactsOfStep<Written[K]>['id']>, P['outputs'], Input>
  : StepToBe

/** Each of several that stand in one place is checked for itself. */
type StepAs<R extends Registry, S, Facts, W extends Wire, All extends AnyOutputs, Input> = Facts extends StepFacts
  ? Exclude<keyof S, StepProperty> extends never
    ? Wired<R, S, W, Facts, All, Input>
    : Wired<R, S, W, Facts, All, Input> & { readonly [Q in UnknownIn<S, Facts['runs']>]: UnknownStepProperty<Q> }
  : never
type UnknownIn<S, Runs> = Exclude<keyof S, Runs extends Waits ? StepProperty | ApprovalProperty : StepProperty>

type Wired<
  R extends Registry,
  S,
  W extends Wire,
  Facts extends StepFacts,
  All extends AnyOutputs,
  Input,
  Runs extends { in: any; out: any } = InOut<R, Facts['runs']>,
> = Facts['runs'] extends Waits
  ? LacksId<S, W, Facts> extends true
    ? StepIdTaken<Facts['id'], never, StepArguments<W['previous'], Input, EarlierOutputs<W['ids'], All>>, never>
    : Waiting<Facts['runs'], StepArguments<W['previous'], Input, EarlierOutputs<W['ids'], All>>, Runs['out']> & IdFor<S, W>
  : Facts['each'] extends false
  ? Once<R, S, W, Facts, Runs, Input, EarlierOutputs<W['ids'], All>, StepArguments<W['previous'], Input, EarlierOutputs<W['ids'], All>>>
  : Facts['each'] extends string
    ? PerItem<R, S, W, Facts, Runs, Input, EarlierOutputs<W['ids'], All>, StepArguments<W['previous'], Input, EarlierOutputs<W['ids'], All>>, ItemOf<W['previous'], Facts['each']>>
    : PerInput<R, S, W, Facts, Runs, Input, EarlierOutputs<W['ids'], All>, StepArguments<W['previous'], Input, EarlierOutputs<W['ids'], All>>>

type Waiting<Runs, Arguments extends unknown[], Answer> = Runs extends Asks<any, any, any> | AsksYesOrNo<any> ? ApproveStep<Arguments, Answer> : WaitStep<Arguments>

// What keeps a step from fitting is one interface, named after the reason: so the first line of a message tells it.

type Once<R extends Registry, S, W extends Wire, Facts extends StepFacts, Runs extends { in: any; out: any }, Input, Outputs, Arguments extends unknown[]> =
  LacksId<S, W, Facts> extends true
    ? StepIdTaken<Facts['id'], Runs['out'], Arguments, (...parameters: Arguments) => Runs['in']>
    : [W['previous']] extends [Runs['in']]
      ? Head<R, S, Facts, Runs> & IdFor<S, W> & OneRun<Runs['out'], Arguments> & Mapped<S, MapperOf<S, Facts['oneOf'], Runs['in'], Arguments, W['previous'] | Input, Outputs>>
      : 'inputMapper' extends keyof S
        ? Head<R, S, Facts, Runs> & IdFor<S, W> & OneRun<Runs['out'], Arguments> & Mapped<S, MapperOf<S, Facts['oneOf'], Runs['in'], Arguments, W['previous'] | Input, Outputs>>
        : InputMapperRequired<W['previous'], Runs['in'], Runs['out'], Arguments>

type PerItem<R extends Registry, S, W extends Wire, Facts extends StepFacts, Runs extends { in: any; out: any }, Input, Outputs, Arguments extends unknown[], Item> =
  LacksId<S, W, Facts> extends true
    ? StepIdTaken<Facts['id'], ItemsOut<Runs['out'], Facts['ends']>, Arguments, (...parameters: ItemArguments<Item, Input, Outputs>) => Runs['in']>
    : [Item] extends [Runs['in']]
      ? Head<R, S, Facts, Runs> & IdFor<S, W> & RunPerItem<ItemsOut<Runs['out'], Facts['ends']>, Arguments, ListKey<W['previous']>> & Mapped<S, MapperOf<S, Facts['oneOf'], Runs['in'], ItemArguments<Item, Input, Outputs>, Item | W['previous'] | Input, Outputs>>
      : 'inputMapper' extends keyof S
        ? Head<R, S, Facts, Runs> & IdFor<S, W> & RunPerItem<ItemsOut<Runs['out'], Facts['ends']>, Arguments, ListKey<W['previous']>> & Mapped<S, MapperOf<S, Facts['oneOf'], Runs['in'], ItemArguments<Item, Input, Outputs>, Item | W['previous'] | Input, Outputs>>
        : ItemMapperRequired<Item, Runs['in'], ItemsOut<Runs['out'], Facts['ends']>, Arguments, ListKey<W['previous']>, ItemArguments<Item, Input, Outputs>>

type PerInput<R extends Registry, S, W extends Wire, Facts extends StepFacts, Runs extends { in: any; out: any }, Input, Outputs, Arguments extends unknown[]> =
  LacksId<S, W, Facts> extends true
    ? StepIdTaken<Facts['id'], ItemsOut<Runs['out'], Facts['ends']>, Arguments, unknown>
    : Head<R, S, Facts, Runs> & IdFor<S, W> & RunPerInput<ItemsOut<Runs['out'], Facts['ends']>, Arguments, Facts['each'] extends true ? InputsOf<S, Facts['oneOf'], Runs['in'], Arguments, W['previous'] | Input, Outputs> : (...parameters: Arguments) => readonly unknown[]>

type Head<R extends Registry, S, Facts extends StepFacts, Runs extends { in: any; out: any }> = 'track' extends keyof S
  ? TrackStep<Runs['in'], Runs['out']>
  : TaskStep<Facts['runs'] extends keyof R & string ? Facts['runs'] : keyof R & string>

/** Whether the step goes by its task's or track's name, and an earlier one has it. */
type LacksId<S, W extends Wire, Facts extends StepFacts> = 'id' extends keyof S ? false : Facts['id'] extends W['ids'] ? (string extends W['ids'] ? false : true) : false
/** The id as it is written, or that there is none: it tells steps apart where several might stand in a place. */
type IdFor<S, W extends Wire> = 'id' extends keyof S
  ? S extends { readonly id: infer Id extends string }
    ? { readonly id: Id extends W['ids'] ? (string extends W['ids'] ? string : AnotherIdThan<Id>) : Id }
    : unknown
  : { readonly id?: undefined }

type ListKey<Previous> = [Previous] extends [readonly unknown[]]
  ? never
  : keyof { [P in keyof Previous as Previous[P] extends readonly unknown[] ? P : never]: 0 }
type ItemOf<Previous, Key> = Key extends keyof Previous ? (Previous[Key] extends readonly (infer Item)[] ? Item : any) : any
