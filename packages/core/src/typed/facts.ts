import type { AnyTrack } from './track.ts'

// What the wiring needs to know of each step. `Written` is the tuple of steps as inference reads it from the literal: names, ids,
// tracks and policies in full. It is first reduced to `StepFacts` of plain literals, because the compiler shares all that follows
// from those; wired from `Written` itself, the work grows with the square of the steps.

/**
 * `each` is false without `forEach`, the key as a literal, true for a function, null for a function that has an `inputMapper` beside
 * it (an error). `maySkip` is true for a step that may leave no output, `oneOf` for one of several that stand in one place
 * (`flag ? { … } : { … }`). `ends` is true where every item's end is handed on.
 */
export interface StepFacts<Runs = any, Id extends string = any, Each = any, Skips = any, Ends = any, Choice = any> {
  runs: Runs
  id: Id
  each: Each
  maySkip: Skips
  ends: Ends
  oneOf: Choice
}
/** The facts of every step, as written. */
export type FactsOf<Written> = { [K in keyof Written]: FactsOfStep<Written[K]> }
/** The facts of one step; of each, where it is one of several. */
export type FactsOfStep<S, All = RunsOf<S>> = S extends unknown ? FactOf<S, RunsOf<S>, All> : never

// An interface that is named directly in a branch of a type alias is not resolved until it is looked into, and keeps `S` with it: then
// the compiler takes what it knows of the steps for final as soon as it has typed one function. Behind a property it is resolved.
type FactOf<S, Runs, All> = Runs extends unknown
  ? { is: StepFacts<Runs, S extends { readonly id: infer Id extends string } ? Id : NameOf<Runs>, EachOf<S>, MaySkip<S>, EndsOf<S>, [All] extends [Runs] ? false : true> }['is']
  : never
type RunsOf<S> = S extends { readonly taskName: infer Name } ? Name : S extends { readonly track: infer T } ? T : 'approve' extends keyof S ? AskedBy<S> : unknown extends S ? Unread : Waits
/** What a step that asks hands on: its schema's output; without one, what came before it. */
type AskedBy<S, Name = S extends { readonly approve: infer Said } ? Said : string> = S extends { readonly schema: { readonly _zod: { readonly input: infer Given; readonly output: infer Answer } } } ? Asks<Name, Answer, Given> : AsksYesOrNo<Name>
/** What a step runs that asks for an answer of a kind: `Given`, of which its schema makes `Answer`. */
export interface Asks<Name, Answer, Given> extends Waits {
  readonly '~asks': Name
  readonly '~answer': Answer
  readonly '~given': Given
}
/** What a step runs that asks for yes or no. */
export interface AsksYesOrNo<Name> extends Waits {
  readonly '~asks': Name
}
/** What a step runs that waits, for a time or for an answer: nothing. */
export interface Waits {
  readonly '~waits': true
}
/** What a step runs of which nothing is read yet: while its functions are being typed, one that has nothing but `waitUntil`. Or nothing can be. */
export interface Unread extends Waits {
  readonly '~unread': true
}
type NameOf<Runs> = Runs extends string ? Runs : Runs extends Waits ? (Runs extends { readonly '~asks': infer Name extends string } ? Name : 'wait') : Runs extends AnyTrack ? Runs['name'] : never
type EachOf<S> = 'forEach' extends keyof S
  ? S extends { readonly forEach: infer Key extends string }
    ? Key
    : 'inputMapper' extends keyof S
      ? null
      : true
  : false
type MaySkip<S> = 'when' extends keyof S ? true : 'taskName' extends keyof S ? (S extends { readonly onError: 'continue' } ? true : false) : 'approve' extends keyof S ? ('schema' extends keyof S ? (S extends { readonly onTimeout: 'skip' } ? true : false) : true) : 'track' extends keyof S ? (S extends { readonly onError: 'continue' } ? true : false) : true
type EndsOf<S> = S extends { readonly onItemError: 'continue' } ? true : false

/**
 * The list or lists that may come of what was written: more than one where steps are spread on a condition.
 * `[a, ...b[], c]`, as `...(flag ? [b] : [])` is read, is `[a, b, c]` or `[a, c]`. Where steps of several kinds were spread so, their
 * order is not known: what they, and the steps after them, get of those before is `any`. Lists spread `as const` stay what they are.
 */
export type Lists<Facts> = Facts extends readonly unknown[] ? (number extends Facts['length'] ? ListsOf<Facts, Ahead<Facts, []>> : Facts) : Facts
type ListsOf<Facts, P extends Parts> = [...P['head'], ...P['tail']] extends readonly []
  ? Facts // nothing but a list of unknown length
  : IsUnion<P['spread']> extends false
    ? [...P['head'], P['spread'], ...P['tail']] | [...P['head'], ...P['tail']]
    : [...P['head'], { is: StepFacts<unknown, never, false, false, false, false> }['is'], { is: StepFacts<unknown, P['spread']['id'], false, false, false, false> }['is'], ...P['tail']]

/** Steps before the first that is spread, those spread, and those after the last. */
interface Parts {
  head: readonly unknown[]
  spread: StepFacts
  tail: readonly unknown[]
}
type Ahead<Facts, Head extends readonly unknown[]> = Facts extends readonly [infer First, ...infer Rest]
  ? Ahead<Rest, [...Head, First]>
  : Behind<Facts, Head, []>
type Behind<Facts, Head extends readonly unknown[], Tail extends readonly unknown[]> = Facts extends readonly [...infer Rest, infer Last]
  ? Behind<Rest, Head, [Last, ...Tail]>
  : { head: Head; spread: Facts extends readonly (infer Spread extends StepFacts)[] ? Spread : never; tail: Tail }

/** Whether what is spread tells no names: they were widened to `string`, or `[]` and a tuple stand in one spread. */
export type Untold<Facts> = Facts extends readonly unknown[]
  ? number extends Facts['length']
    ? [Ahead<Facts, []>['spread']] extends [never]
      ? true
      : string extends Ahead<Facts, []>['spread']['runs']
        ? true
        : [Extract<Ahead<Facts, []>['spread']['runs'], Unread>] extends [never]
          ? false
          : true
    : false
  : false
/** Whether every step has one place. */
export type Together<Facts> = Facts extends readonly unknown[] ? (number extends Facts['length'] ? false : true extends IsUnion<Facts> ? false : true) : true
/** The ids of all steps. */
export type IdsOf<Facts> = Facts extends readonly StepFacts[] ? Facts[number]['id'] : never
/** The ids of steps that are not in every list. */
export type MissingIds<Facts, Ids> = Facts extends readonly StepFacts[] ? Exclude<Ids, Facts[number]['id']> : never
/** Whether the type is one of several. */
export type IsUnion<U, Copy = U> = [U] extends [never] ? false : U extends any ? ([Copy] extends [U] ? false : true) : never
