import type { AnyRun } from './any-run.ts'

// What keeps a step from fitting, by the names that messages show.

/** `Property 'inputMapper' is missing … required in type 'InputMapperRequired<{ path }, { url }, …>'`: the previous output does not fit the task's input. */
export interface InputMapperRequired<PreviousOutput, TaskInput, Output, Arguments extends unknown[]> extends AnyRun<Output, Arguments>, StepRest {
  readonly inputMapper: (...parameters: Arguments) => TaskInput
  readonly '~mismatch'?: [PreviousOutput, TaskInput]
}
/** `Property 'inputMapper' is missing … required in type 'ItemMapperRequired<Item, TaskInput, …>'`: the items do not fit the task's input. */
export interface ItemMapperRequired<Item, TaskInput, Output, Arguments extends unknown[], Key, PerItem extends unknown[]> extends AnyRun<Output, Arguments>, StepRest {
  readonly forEach: Key
  readonly inputMapper: (...parameters: PerItem) => TaskInput
  readonly '~mismatch'?: [Item, TaskInput]
}
/** `Property 'id' is missing … required in type 'StepIdTaken<"Speech", …>'`: an earlier step has this id (or, without one, this name). Give another. */
export interface StepIdTaken<Id, Output, Arguments extends unknown[], Mapper> extends AnyRun<Output, Arguments>, StepRest {
  readonly id: string & AnotherIdThan<Id>
  readonly inputMapper?: Mapper
}
/**
 * A list was spread whose steps' names are only known as `string`, or one that is spread on a condition was marked `as const`. Write
 * `...(flag ? [step] : [])` with `const step = { taskName: 'name' } as const`.
 */
export interface SpreadStepsNeedNames extends Iterable<UntoldStep> {
  readonly '~hint': never
}
interface UntoldStep extends AnyRun<any, any>, StepRest {
  readonly inputMapper?: (...parameters: any) => any
}
/** What else may stand on a step. */
interface StepRest {
  readonly taskName?: unknown
  readonly track?: unknown
  readonly repeat?: unknown
  readonly forEach?: unknown
  readonly concurrency?: unknown
  readonly onItemError?: unknown
  readonly waitMs?: unknown
  readonly waitUntil?: unknown
  readonly approve?: unknown
  readonly input?: unknown
  readonly schema?: unknown
  readonly onTimeout?: unknown
  readonly retry?: unknown
  readonly timeoutMs?: unknown
  readonly placement?: unknown
}
/** `Type '"speech"' is not assignable to type 'AnotherIdThan<"speech">'`: an earlier step has this id. */
export interface AnotherIdThan<Id> {
  readonly '~taken': Id
}
/** `inputMapper` stands beside `forEach: (…) => …`, which returns the task's inputs itself. Return them there, or name the list: `forEach: 'key'`. */
export interface ForEachFunctionReturnsTaskInputs {
  readonly '~hint': never
}
/** `concurrency` stands on a step that runs once. */
export interface ConcurrencyNeedsForEach {
  readonly '~hint': never
}
/** `onItemError` stands on a step that runs once. */
export interface OnItemErrorNeedsForEach {
  readonly '~hint': never
}
/** `retry`, `timeoutMs` or `placement` stands on a step that is a whole track. Give it to the tasks inside. */
export interface OnlyForTasks {
  readonly '~hint': never
}
/** `'until' does not exist in type 'RepeatNeedsTrack'`: `repeat` stands on a step that is a task. Put the task into a track. */
export interface RepeatNeedsTrack {
  readonly '~hint': never
}
/** `repeat` stands beside `forEach`. Give one of them to a track of its own. */
export interface RepeatsNoItems {
  readonly '~hint': never
}
/** A property stands beside `waitMs` or `waitUntil` that says how something is run. */
export interface WaitRunsNothing {
  readonly '~hint': never
}
/** A property stands beside `approve` that says how something is run. */
export interface QuestionRunsNothing {
  readonly '~hint': never
}
/** `Type 'number' is not assignable to type 'UnknownStepProperty<"retries">'`: a step has no such property. */
export interface UnknownStepProperty<Name> {
  readonly '~unknownStepProperty': Name
}
