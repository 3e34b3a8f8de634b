import type { IsUnion } from './facts.ts'
import type { AnyTrack, TrackOutputOf } from './track.ts'

// `D` is `trackDependencies` as written: for a track's name, the names of the tracks it waits for.

/** Marks what is wrong with an entry of `trackDependencies`: an unknown name, or a part in a cycle. */
export type DependenciesFit<D, Names extends string> = {
  readonly [K in keyof D]: K extends Names
    ? string extends K
      ? unknown // names that only the run knows
      : K extends Circular<D, Stuck<D, Names>>
        ? DependencyCycle<`${K} -> ${DependencyOf<D, K> & Circular<D, Stuck<D, Names>>}`>
        : unknown
    : UnknownTrack<K>
} & { readonly [K in Names]?: unknown } // for completion in editors

/** Of what is stuck, the cycles themselves: others wait for them, too. */
type Circular<D, Names extends string> = [Names] extends [DependencyOf<D, Names>] ? Names : Circular<D, Names & DependencyOf<D, Names>>

/** Kahn's algorithm on unions of names: what can never become ready is part of a cycle, or waits for one. */
type Stuck<D, Waiting extends string, Done extends string = never> = {
  [K in Waiting]: [DependencyOf<D, K>] extends [Done] ? K : never
}[Waiting] extends infer Ready extends string
  ? [Ready] extends [never]
    ? Waiting
    : Stuck<D, Exclude<Waiting, Ready>, Done | Ready>
  : never

type DependencyOf<D, Name> = Name extends keyof D ? (D[Name] extends readonly (infer Other extends string)[] ? Other : never) : never

/** The tracks by their names, once per orchestrator: looking one up in the list costs as many steps as there are tracks. */
export type TracksByName<T extends AnyTrack> = { readonly [Member in T as Member['name']]: Member }
/** Tracks by any names: a constraint that lets one be looked up without comparing names. */
export interface AnyTracks {
  readonly [name: string]: AnyTrack
}

/** The outputs that a track's mapping sees: those of its declared dependencies, by name. A message that lists them shows it as `Upstream<…>`. */
export type Upstream<All extends AnyTracks, D, Name> = [DependencyOf<D, Name>] extends [infer Others extends string]
  ? { readonly [Other in Others]: TrackOutputOf<All[Other]> }
  : never

/** What a track receives without a mapping: the orchestrator's input, its only dependency's output, or several outputs by name. */
export type Incoming<All extends AnyTracks, D, Name, Input> = [DependencyOf<D, Name>] extends [never]
  ? Input
  : IsUnion<DependencyOf<D, Name>> extends true
    ? Upstream<All, D, Name>
    : TrackOutputOf<All[DependencyOf<D, Name>]>

/** The tracks that get the orchestrator's input as it is: no dependency, no mapping. */
export type RootOf<T extends AnyTrack, D, Mapped> = T extends any
  ? T['name'] extends Mapped
    ? never
    : [DependencyOf<D, T['name']>] extends [never]
      ? T
      : never
  : never

/** `… required in type 'DependencyCycle<"a -> b">'`: a waits for b, and b (by way of others, perhaps) for a. */
export interface DependencyCycle<Edge> {
  readonly '~dependencyCycle': Edge
}
/** `… UnknownTrack<"Speach">`: the orchestrator's `tracks` hold no track of that name. */
export interface UnknownTrack<Name> {
  readonly '~unknownTrack': Name
}
