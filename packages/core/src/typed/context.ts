import type { BaseFields, TrampData } from '@track-orchestrator/registry'

/** The caller's own data, as it stands beside every previous output: `prevOutput` shows as `{ … } & CarriedData`. */
export interface CarriedData {
  readonly trampData?: TrampData
}

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
  readonly originalInput: Input & BaseFields
}

/** Parameters of a step's `inputMapper`, `when` and `forEach`. `Input` is the track's, with its defaults filled in. */
export type StepArguments<Previous, Input, Outputs> = [
  prevOutput: Previous & CarriedData,
  originalInput: Input & BaseFields,
  context: StepContext<Outputs>,
]

/** Parameters of an `inputMapper` beside `forEach: 'key'`. */
export type ItemArguments<Item, Input, Outputs> = [item: Item, index: number, originalInput: Input & BaseFields, context: StepContext<Outputs>]
