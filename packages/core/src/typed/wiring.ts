import type { ErrorJson, Registry } from '@track-orchestrator/registry'
import type { Asks, AsksYesOrNo, FactsOf, IdsOf, Lists, MissingIds, StepFacts, Waits } from './facts.ts'
import type { AskingFor, QuestionsOf, StepQuestion } from './questions.ts'
import type { AnyTrack } from './track.ts'

// How types travel from step to step: worked out once per track, in the default of a type parameter.

/** How an item ended, where its step says `onItemError: 'continue'`. */
export type ItemResult<Output> = { readonly status: 'succeeded'; readonly output: Output } | { readonly status: 'failed'; readonly error: ErrorJson }
/** What a step hands on that runs for each item of a list. */
export type ItemsOut<Output, Ends> = Ends extends true ? ItemResult<Output>[] : Output[]

/** What a task or track takes and hands on. */
export type InOut<R extends Registry, Runs> = Runs extends keyof R
  ? R[Runs]['~io']
  : Runs extends AnyTrack
    ? Runs['~io']
    : Runs extends Waits
      ? { in: unknown; out: Runs extends Asks<any, infer Answer, any> ? Answer : never }
      : { in: Pending; out: any }
/** Stands in while a step is not inferred yet, or misspelt: it takes anything, and keeps literals from widening. */
export type Pending = '' | 0 | false | null | undefined | {} | readonly Pending[] | { readonly [key: string]: Pending }

/** What one step sees: the previous output, and the ids of the steps before it. */
export interface Wire<Previous = any, Ids extends string = any, Id extends string = any> {
  previous: Previous
  ids: Ids
  id: Id
}

/** What is known of a track as written: what each step sees, what all of them hand on by id, and what the track does. */
export interface Plan<R extends Registry, Facts, Input, OfOneList, Unclear> {
  together: OfOneList
  untold: string extends keyof R ? false : Unclear
  /** By position where every step has one; else by step id. */
  wires: OfOneList extends true ? Wiring<R, Facts, Input> : ById<Wiring<R, Facts, Input>>
  outputs: OutputsOf<R, FactsIn<Facts>, MissingIds<Facts, IdsOf<Facts>>>
  last: Last<Wiring<R, Facts, Input>>
  /** What a track is beside, by its own steps. Looked for only where something else than tasks is run. */
  asking: OfOneList extends true ? (Facts extends readonly RunsTask[] ? unknown : AskingFor<QuestionsIn<FactsIn<Facts>>>) : AskingFor<QuestionsIn<FactsIn<Facts>>>
}
/** A plan as a type parameter's constraint: nothing in it is compared. */
export interface AnyPlan {
  wires: any
  together: any
  untold: any
  outputs: any
  last: any
  asking: any
}
/**
 * Walks the steps once. Element K is what step K sees; the one after the last is what the track hands on.
 * A step that may leave no output (`when`, `onError: 'continue'`) keeps what came before it as a possible previous output.
 */
export type Wiring<R extends Registry, Facts, Previous, Ids extends string = never, Done extends readonly Wire[] = []> = Facts extends readonly [
  infer First extends StepFacts,
  ...infer Rest,
]
  ? Wiring<
      R,
      Rest,
      StepOutput<R, First> | (true extends First['maySkip'] ? Previous : never),
      Ids | First['id'],
      [...Done, Wire<Previous, Ids, First['id']>]
    >
  : Facts extends readonly []
    ? [...Done, Wire<Previous, Ids, never>]
    : any

type ById<Wires> = [Wires] extends [readonly Wire[]] ? { [W in Wires[number] as W['id']]: W } : any
type Last<Wires> = Wires extends readonly [...any, infer End extends Wire] ? End['previous'] : any

type StepOutput<R extends Registry, Facts extends StepFacts> = Facts extends unknown
  ? Facts['each'] extends false
    ? InOut<R, Facts['runs']>['out']
    : ItemsOut<InOut<R, Facts['runs']>['out'], Facts['ends']>
  : never

/** What the step sees; anything while the steps are not known yet. */
export type WireAt<P extends AnyPlan, K, Id> = (P['together'] extends true ? K : Id) extends infer Key extends keyof P['wires']
  ? P['wires'][Key] extends infer W extends Wire
    ? W
    : Wire
  : Wire

/**
 * What the first step takes: the track's input, where no schema says otherwise. A track without steps takes
 * anything; of a list whose length is not known nothing can be told.
 */
export type FirstInput<R extends Registry, Written> = Joint<FirstOf<R, Lists<FactsOf<Written>>>>
type FirstOf<R extends Registry, Facts> = Facts extends readonly [infer First extends StepFacts, ...any]
  ? [First['runs']] extends [Waits]
    ? [First['runs']] extends [Asks<any, any, any>]
      ? { in: unknown }
      : FirstOf<R, Facts extends readonly [any, ...infer Rest] ? Rest : never>
    : BoxedIn<R, First['runs']>
  : Facts extends readonly []
    ? { in: unknown }
    : { in: any }
type BoxedIn<R extends Registry, Runs> = Runs extends unknown ? { in: InOut<R, Runs>['in'] } : never
/** What satisfies each of the inputs: boxed, since an input may itself be a union. */
type Joint<Boxes> = (Boxes extends unknown ? (box: Boxes) => 0 : never) extends (box: infer All extends { in: any }) => 0 ? All['in'] : never

/** All outputs by step id, once per track. `undefined` is among them where a step may be skipped, or may not be there at all. */
type OutputsOf<R extends Registry, Each, Missing> = {
  readonly [F in Extract<Each, StepFacts> as F['id']]: StepOutput<R, F> | (true extends F['maySkip'] | F['oneOf'] ? undefined : F['id'] extends Missing ? undefined : never)
}
interface RunsTask {
  runs: string
}
/** What steps ask for, and the tracks that they run. */
type QuestionsIn<Each> = Each extends StepFacts<infer Runs, infer Id>
  ? Runs extends Asks<any, any, infer Given>
    ? StepQuestion<Id, Given>
    : Runs extends AsksYesOrNo<any>
      ? StepQuestion<Id, boolean>
      : QuestionsOf<Runs>
  : never
type FactsIn<Facts> = Facts extends readonly unknown[] ? Facts[number] : never

/**
 * The outputs a step may see: a message that shows it lists their ids first. Worked out only where a mapper touches it;
 * written so that messages show a plain object, it grows with the square of the steps.
 */
export type EarlierOutputs<Ids extends string, All extends AnyOutputs> = { readonly [Id in Ids]: All[Id] }
/** Outputs by any ids: a constraint that lets `EarlierOutputs` look them up without comparing keys. */
export interface AnyOutputs {
  readonly [id: string]: any
}
