import type { ErrorJson, Registry } from '@track-orchestrator/registry'
import type { AnyTrack } from './track.ts'

// How types travel from step to step. `Written` is the tuple of steps as inference reads it from the literal: names, ids,
// tracks and policies in full, `unknown` for functions. It is first reduced to `StepFacts` of plain literals, because the
// compiler shares all that follows from those; wired from `Written` itself, the work grows with the square of the steps.

/**
 * What the wiring needs to know of one step. `each` is false without `forEach`, the key as a literal, true for a function,
 * null for a function that has an `inputMapper` beside it (an error). `ends` is true where every item's end is handed on.
 */
export interface StepFacts<Runs = any, Id extends string = any, Each = any, Skips = any, Ends = any> {
  runs: Runs
  id: Id
  each: Each
  maySkip: Skips
  ends: Ends
}
/** How an item ended, where its step says `onItemError: 'continue'`. */
export type ItemResult<Output> = { readonly status: 'succeeded'; readonly output: Output } | { readonly status: 'failed'; readonly error: ErrorJson }
/** What a step hands on that runs for each item of a list. */
export type ItemsOut<Output, Ends> = Ends extends true ? ItemResult<Output>[] : Output[]
/** The facts of every step. */
export type FactsOf<Written> = { [K in keyof Written]: StepFacts<RunsOf<Written[K]>, IdOf<Written[K]>, EachOf<Written[K]>, MaySkip<Written[K]>, EndsOf<Written[K]>> }

type RunsOf<S> = S extends { readonly taskName: infer Name } ? Name : S extends { readonly track: infer T } ? T : unknown
type IdOf<S> = S extends { readonly id: infer Id extends string }
  ? Id
  : S extends { readonly taskName: infer Name extends string }
    ? Name
    : S extends { readonly track: AnyTrack }
      ? S['track']['name']
      : never
type EachOf<S> = 'forEach' extends keyof S
  ? S extends { readonly forEach: infer Key extends string }
    ? Key
    : 'inputMapper' extends keyof S
      ? null
      : true
  : false
type MaySkip<S> = 'when' extends keyof S ? true : S extends { readonly onError: 'continue' } ? true : false
type EndsOf<S> = S extends { readonly onItemError: 'continue' } ? true : false

/** What a task or track takes and hands on. */
export type InOut<R extends Registry, Runs> = Runs extends keyof R
  ? R[Runs]['~io']
  : Runs extends AnyTrack
    ? Runs['~io']
    : { in: Pending; out: any }
/** Stands in while a step is not inferred yet, or misspelt: it takes anything, and keeps literals from widening. */
export type Pending = '' | 0 | false | null | undefined | {} | readonly Pending[] | { readonly [key: string]: Pending }

/** What one step sees: the previous output, the ids of the steps before it, and its own facts. */
export interface Wire<Previous = any, Ids extends string = any, Facts extends StepFacts = any> {
  previous: Previous
  ids: Ids
  facts: Facts
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
      StepOutput<R, First> | (First['maySkip'] extends true ? Previous : never),
      Ids | First['id'],
      [...Done, Wire<Previous, Ids, First>]
    >
  : [...Done, Wire<Previous, Ids>]

type StepOutput<R extends Registry, Facts extends StepFacts> = Facts['each'] extends false
  ? InOut<R, Facts['runs']>['out']
  : ItemsOut<InOut<R, Facts['runs']>['out'], Facts['ends']>

/** The wire of step K; of any step, while the steps are not known yet. */
export type WireAt<Wires, K> = K extends keyof Wires ? (Wires[K] extends Wire ? Wires[K] : never) : Wire
/** What the track hands on: the last output that exists. */
export type LastOutput<R extends Registry, Written, Input> =
  Wiring<R, FactsOf<Written>, Input> extends readonly [...any, infer Last extends Wire] ? Last['previous'] : any
/**
 * What the first step takes: the track's input, where no schema says otherwise. A track without steps takes
 * anything; of a list whose length is not known nothing can be told.
 */
export type FirstInput<R extends Registry, Written> = Written extends readonly [infer First, ...any]
  ? InOut<R, RunsOf<First>>['in']
  : Written extends readonly []
    ? unknown
    : any

/** All outputs by step id, once per track. */
export type OutputsOf<R extends Registry, Facts> = Facts extends readonly StepFacts[]
  ? { readonly [F in Facts[number] as F['id']]: StepOutput<R, F> | (F['maySkip'] extends true ? undefined : never) }
  : never
/**
 * The outputs a step may see: a message that shows it lists their ids first. Worked out only where a mapper touches it;
 * written so that messages show a plain object, it grows with the square of the steps.
 */
export type EarlierOutputs<Ids extends string, All extends AnyOutputs> = { readonly [Id in Ids]: All[Id] }
/** Outputs by any ids: a constraint that lets `EarlierOutputs` look them up without comparing keys. */
export interface AnyOutputs {
  readonly [id: string]: any
}
