import type { CompositeTrackDefinition, TrackDefinition } from '../definition/definition.ts'

/** A track made by `defineTrack`. A message shows its name, what it takes and what it hands on: `Track<"Speech", { url: string }, { text: string }>`. */
export interface Track<Name extends string, Input, Output> extends TrackDefinition {
  name: Name
  /** Types only: what a caller passes, and what the track hands on. */
  readonly '~io': { in: Input; out: Output }
}

/** A track made by `defineCompositeTrack`. A message shows its name, what it takes and what its merge hands on. */
export interface CompositeTrack<Name extends string, Input, Output> extends CompositeTrackDefinition {
  name: Name
  /** Types only: what a caller passes, and what the merge hands on. */
  readonly '~io': { in: Input; out: Output }
}

/** Any track made by `defineTrack` or `defineCompositeTrack`. A message that wants an `AnyTrack` was given an untyped definition. */
export type AnyTrack = Track<string, any, any>

/** What a caller passes to the track, beside the base fields: defaults may be left out. `never` for what is no typed track. */
export type TrackInputOf<T> = T extends AnyTrack ? T['~io']['in'] : never

/** What the track hands on. `never` for what is no typed track. */
export type TrackOutputOf<T> = T extends AnyTrack ? T['~io']['out'] : never

/** What several tracks hand on, by their names. `Missing` is `undefined` where a track may fail and the rest goes on. */
export type OutputsByName<T extends AnyTrack, Missing = never> = [T] extends [infer Tracks extends AnyTrack]
  ? { readonly [Member in Tracks as Member['name']]: TrackOutputOf<Member> | Missing }
  : never

/** What all of the tracks accept at once: boxed on the way, since what one takes may itself be a union. */
export type JointInput<T extends AnyTrack> = [T] extends [never]
  ? unknown
  : (T extends unknown ? (box: { in: TrackInputOf<T> }) => 0 : never) extends (box: infer All extends { in: any }) => 0
    ? All['in']
    : unknown

/** The one corner of a zod schema that inference needs. Inferring from a whole `ZodType` compares hundreds of members. */
export interface SchemaOf<In, Parsed> {
  readonly _zod: { readonly input: In; readonly output: Parsed }
}

/** `T`, closed to inference: else a track defined inside `subTracks: [...]` would take its input type from its place there. */
export type Settled<T> = [T][T extends any ? 0 : never]
