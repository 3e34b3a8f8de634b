import type { Registry, RetryPolicy } from '@track-orchestrator/registry'
import type { Schedule } from '../definition/definition.ts'
import type { OriginalInput } from './context.ts'
import type { AnyTracks, DependenciesFit, Incoming, RootOf, TracksByName, UnknownTrack, Upstream } from './dependencies.ts'
import type { MapperOf } from './mapped-input.ts'
import type { Orchestrator } from './orchestrator.ts'
import type { AskingAmong } from './questions.ts'
import type { Never, Read } from './step.ts'
import type { AnyTrack, JointInput, OutputsByName, SchemaOf, TrackInputOf } from './track.ts'
import type { Pending } from './wiring.ts'

/** Makes an orchestrator of tracks. A track that its input does not fit is marked in `tracks`, a cycle on each of its edges. */
export type DefineOrchestrator<R extends Registry> = <
  const Name extends string,
  const T extends readonly AnyTrack[],
  const D extends { readonly [K in T[number]['name']]?: readonly T[number]['name'][] } = {},
  const Mapped extends string = never,
  In = JointInput<RootOf<T[number], D, Mapped>>,
  Input = In,
  const Final extends keyof R & string = never,
  const OnFailure extends 'halt' | 'continue' = 'halt',
  FinalMapper = never,
>(orchestrator: {
  readonly name: Name
  readonly enableSupabaseLogging?: boolean
  /** Checks the orchestrator's input. Default: the tracks that get it as it is check it for themselves. */
  readonly input?: SchemaOf<In, Input>
  /** When runs begin by themselves, on Trigger.dev. Default: never. */
  readonly schedule?: Schedule
  readonly tracks: T & TracksFit<T, D, Mapped, Input>
  /** For a track's name: the names of the tracks it waits for. */
  readonly trackDependencies?: D & DependenciesFit<D, T[number]['name']>
  /** For a track's name: makes its input of its dependencies' outputs and the orchestrator's input. */
  readonly trackInputMappings?: Mappings<TracksByName<T[number]>, D, Input> & MappingsKnown<T[number]['name'], Mapped>
  /** `continue`: a failed track, and what depends on it, leaves no output. Default `halt`. */
  readonly onTrackFailure?: OnFailure
  /** Runs last; its output is the orchestrator's. Without one, that is the tracks' outputs by name. */
  readonly finalTask?: ([Outputs<T, OnFailure>] extends [R[Final]['~io']['in']] ? {} : FinalMapperRequired<Outputs<T, OnFailure>, R[Final]['~io']['in']>) & {
    readonly taskName: Final
    readonly retry?: RetryPolicy
    readonly timeoutMs?: number
    readonly placement?: { readonly inline?: boolean }
  } & FinalMapped<FinalMapper, FinalMapperOf<R, Final, FinalMapper, Outputs<T, OnFailure>, Input>>
}) => Orchestrator<Name, In, [Final] extends [never] ? Outputs<T, OnFailure> : R[Final]['~io']['out']> & AskingAmong<T[number]>

/** Not optional where it is written: only then does a message point into what it returns. */
type FinalMapped<Written, Mapper> = [Written] extends [never]
  ? {
      /** Makes its input of the tracks' outputs. Default: those by track name, as they are. */
      readonly inputMapper?: Mapper
    }
  : {
      /** Makes its input of the tracks' outputs. Default: those by track name, as they are. */
      readonly inputMapper: Mapper
    }
/** While the task is not known yet, it takes anything. One half teaches the compiler what the mapper gives: see `Steps`. */
type FinalMapperOf<R extends Registry, Final extends keyof R, Mapper, TrackOutputs, Input> = [Final] extends [never]
  ? (...parameters: any) => Pending
  : Final extends Never
    ? Read<Mapper>
    : MapperOf<{ readonly inputMapper: Mapper }, false, R[Final]['~io']['in'], [outputs: TrackOutputs, originalInput: OriginalInput<Input>], Input, TrackOutputs>

type Outputs<T extends readonly AnyTrack[], OnFailure> = OutputsByName<T[number], OnFailure extends 'continue' ? undefined : never>

type Mappings<All extends AnyTracks, D, Input> = {
  readonly [Name in keyof All]?: (outputs: Upstream<All, D, Name>, originalInput: OriginalInput<Input>) => TrackInputOf<All[Name]>
}
/** Learns which tracks have a mapping. */
type MappingsKnown<Names extends string, Mapped extends string> = { readonly [Name in Mapped]: Name extends Names ? unknown : UnknownTrack<Name> }

type TracksFit<T extends readonly AnyTrack[], D, Mapped, Input> = {
  [K in keyof T]: T[K]['name'] extends Mapped
    ? unknown
    : [Incoming<TracksByName<T[number]>, D, T[K]['name'], Input>] extends [TrackInputOf<T[K]>]
      ? unknown
      : TrackInputMappingRequired<T[K]['name'], Incoming<TracksByName<T[number]>, D, T[K]['name'], Input>, TrackInputOf<T[K]>>
}

/** `Property 'inputMapper' is missing … required in type 'FinalMapperRequired<{ … }, { … }>'`: the tracks' outputs do not fit the final task's input. */
export interface FinalMapperRequired<TrackOutputs, TaskInput> {
  readonly inputMapper: unknown
  readonly '~mismatch'?: [TrackOutputs, TaskInput]
}
/** `… required in type 'TrackInputMappingRequired<"Thumbs", { url }, { path }>'`: the track, what it would receive, what it needs. */
export interface TrackInputMappingRequired<For, Receives, Needs> {
  readonly '~trackInputMapping': [For, Receives, Needs]
}
