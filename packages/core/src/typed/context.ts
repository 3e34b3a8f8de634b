import type { BaseFields, TrampData } from '@track-orchestrator/registry'

/** The caller's own data, as it stands beside every previous output: `prevOutput` shows as `{ … } & CarriedData`. */
export interface CarriedData {
  readonly trampData?: TrampData
}

/**
 * The previous output with the caller's data beside it; `null` and `undefined`, where a schema allows them, stay what they are. A record
 * of any keys has no room for it in its type: `context.trampData` has.
 */
export type Carried<Previous> = Previous extends null | undefined
  ? Previous
  : string extends keyof Previous
    ? TrampData extends Previous[keyof Previous]
      ? Previous & CarriedData
      : Previous
    : Previous & CarriedData

/** The input with the base fields beside it; a list has no room for them. */
export type OriginalInput<Input> = Input extends readonly unknown[] | null | undefined ? Input : Input & BaseFields

/** What every mapper of a step gets last. A message about `StepContext<{ speech: … }>` lists the step ids that are visible there. */
export interface StepContext<Outputs> {
  /** What the earlier steps handed on, by step id (default: the task's or track's name). `undefined` for a step that was skipped. */
  readonly outputs: Outputs
  readonly trampData: TrampData | undefined
}

/** What `mergeStrategy` gets second. Its arguments show in messages: sub-track outputs by name, the input, the outputs of `tasks`. */
export interface MergeContext<ByName, Input, Outputs> extends StepContext<Outputs> {
  /** What the sub-tracks handed on, by their names. */
  readonly byName: ByName
  /** The composite's input, with its defaults filled in, and the base fields. */
  readonly originalInput: OriginalInput<Input>
}

/** Parameters of a step's `inputMapper`, `when` and `forEach`. `Input` is the track's, with its defaults filled in. */
export type StepArguments<Previous, Input, Outputs> = [
  prevOutput: Carried<Previous>,
  originalInput: OriginalInput<Input>,
  context: StepContext<Outputs>,
]

/** Parameters of an `inputMapper` beside `forEach: 'key'`. */
export type ItemArguments<Item, Input, Outputs> = [item: Item, index: number, originalInput: OriginalInput<Input>, context: StepContext<Outputs>]
