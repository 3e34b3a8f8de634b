/** What a definition asks for somewhere in it. Types only: its steps, and what each takes for an answer. */
export interface Asking<Q> {
  readonly '~questions': Q
}

/** A step that asks, by its id, and what is taken for its answer: what its schema takes, or yes and no. */
export interface StepQuestion<Step, Answer> {
  readonly step: Step
  readonly answer: Answer
}

/** The questions of a definition, or of each of several; none of what asks for nothing. */
export type QuestionsOf<T> = T extends { readonly '~questions': infer Q } ? Q : never

/** Most definitions ask for nothing: told at a glance. */
type AsksNothing = { readonly name: string; readonly '~questions'?: never }
/** What an orchestrator of tracks, or a composite, is beside. */
export type AskingAmong<T> = [T] extends [AsksNothing] ? unknown : AskingFor<QuestionsOf<T>>

/** What a definition is beside its track or orchestrator: nothing, where it asks for nothing. */
export type AskingFor<Q> = [Q] extends [never] ? unknown : Asking<Q>
