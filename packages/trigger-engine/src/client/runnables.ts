import type { OrchestratorDefinition, StepQuestion, QuestionsOf, TrackDefinition } from '@track-orchestrator/core'
import type { Registry, TaskInput, TaskOutput } from '@track-orchestrator/registry'

/** What a worker consists of: only its type is needed, as in `import type config from './tracks.config.ts'`. */
export interface ClientDefinitions {
  readonly registry?: Registry
  /** A list, or an object of them. */
  readonly tracks?: readonly TrackDefinition[] | Readonly<Record<string, TrackDefinition>>
  readonly orchestrators?: readonly OrchestratorDefinition[] | Readonly<Record<string, OrchestratorDefinition>>
}

interface Io {
  readonly in: any
  readonly out: any
  readonly asks: any
}

type Members<Group> = Group extends readonly (infer Member)[] ? Member : Group extends object ? Group[keyof Group] : never
type IoOf<Member> = Member extends { readonly '~io': infer Own extends Pick<Io, 'in' | 'out'> } ? Own & { readonly asks: QuestionsOf<Member> } : Io
type Named<Group> = { readonly [Member in Members<Group> as Member extends { readonly name: infer Name extends string } ? Name : never]: IoOf<Member> }
type Tasks<R> = [R] extends [never] ? {} : R extends Registry ? { readonly [Name in keyof R & string]: { readonly in: TaskInput<R, Name>; readonly out: TaskOutput<R, Name>; readonly asks: never } } : {}
type Part<Definitions, Key extends string> = Key extends keyof Definitions ? Definitions[Key] : never

/** Everything that can be triggered, by its name: what goes in beside the base fields, and what comes out. */
export type RunnablesOf<Definitions> = Named<Part<Definitions, 'tracks'>> & Named<Part<Definitions, 'orchestrators'>> & Tasks<Part<Definitions, 'registry'>>

/** Their names. */
export type NameOf<Definitions> = keyof RunnablesOf<Definitions> & string

export type InputOf<Definitions, Name extends NameOf<Definitions>> = RunnablesOf<Definitions>[Name] extends { readonly in: infer Input } ? Input : never
export type OutputOf<Definitions, Name extends NameOf<Definitions>> = RunnablesOf<Definitions>[Name] extends { readonly out: infer Output } ? Output : never

/** The questions of a track or orchestrator: `any` where its definition is untyped. */
export type AskedBy<Definitions, Name extends NameOf<Definitions>> = RunnablesOf<Definitions>[Name] extends { readonly asks: infer Asked } ? Asked : never

/** What a question may be called: the id of its step, or its path, which ends with that. Any text, where the run's definition is not known. */
export type StepOf<Asked> = unknown extends Asked ? string : Asked extends StepQuestion<infer Step extends string, any> ? Step | `${string}/${Step}` : never

/** What is taken for an answer. `unknown` where the run's definition is not known. */
export type AnswerTo<Asked, Step> = unknown extends Asked ? unknown : Asked extends StepQuestion<infer Id extends string, infer Answer> ? (Step extends Id | `${string}/${Id}` ? Answer : never) : never
