import type { BaseFields, Registry, TaskInput, TaskOutput } from '@track-orchestrator/registry'
import type { OrchestratorDefinition, TrackDefinition } from '../definition/definition.ts'
import type { AnyOrchestrator, OrchestratorInputOf, OrchestratorOutputOf } from '../typed/orchestrator.ts'
import type { AnyTrack, TrackInputOf, TrackOutputOf } from '../typed/track.ts'
import type { RunContext } from './open-run.ts'
import { openResult, settleOrchestrator, settleSingleTask, settleTrack, type OrchestratorResult, type RunResult } from './runs.ts'

/** A payload: the input and the base fields, less what the runner's `defaults` bring. */
export type Payload<Input, Defaults> = 0 extends 1 & Input ? any : Input extends unknown ? Lacking<WithBaseFields<Input>, Defaults> : never // each kind of a union by itself
/** An input of any keys has room for the base fields only where its values may be what they are. */
type WithBaseFields<Input> = unknown extends Input
  ? BaseFields & { readonly [key: string]: unknown }
  : string extends keyof Input
    ? { readonly [key: string]: Input[keyof Input] | BaseFields[keyof BaseFields] } & BaseFields
    : Input & BaseFields
type Lacking<Whole, Defaults> = [keyof Whole & keyof Defaults] extends [never]
  ? { readonly [Key in keyof Whole]: Whole[Key] }
  : { readonly [Key in keyof Whole as Key extends keyof Defaults ? never : Key]: Whole[Key] } & { readonly [Key in keyof Whole as Key extends keyof Defaults ? Key : never]?: Whole[Key] }

type TrackArguments<T, Defaults, Context> = T extends AnyTrack
  ? [payload: Payload<TrackInputOf<T>, Defaults>, context?: Context]
  : [payload?: any, context?: Context]
type OrchestratorArguments<O, Defaults, Context> = O extends AnyOrchestrator
  ? [payload: Payload<OrchestratorInputOf<O>, Defaults>, context?: Context]
  : [payload?: any, context?: Context]
type TaskArguments<R extends Registry, N, Defaults, Context> = N extends keyof R
  ? [input: Payload<TaskInput<R, N>, Defaults>, context?: Context]
  : [input?: any, context?: Context]
type OutputOfTrack<T> = T extends AnyTrack ? TrackOutputOf<T> : any
type OutputOfOrchestrator<O> = O extends AnyOrchestrator ? OrchestratorOutputOf<O> : any
type OutputOfTask<R extends Registry, N> = N extends keyof R ? TaskOutput<R, N> : any

/**
 * Runs definitions on one engine. Typed definitions get typed payloads and outputs; untyped ones get `any`.
 * The `runX` give the output, and throw the error that ended the run; the `settleX` tell how it ended, as data.
 * Both reject before anything runs with `DefinitionError` or, for the payload, `ContractError`.
 */
export interface Runner<R extends Registry, Context, Defaults = {}> {
  readonly runTrack: <T extends TrackDefinition>(track: T, ...args: TrackArguments<T, Defaults, Context>) => Promise<OutputOfTrack<T>>
  readonly runOrchestrator: <O extends OrchestratorDefinition>(orchestrator: O, ...args: OrchestratorArguments<O, Defaults, Context>) => Promise<OutputOfOrchestrator<O>>
  readonly runSingleTask: <N extends (keyof R & string) | (string & {})>(taskName: N, ...args: TaskArguments<R, N, Defaults, Context>) => Promise<OutputOfTask<R, N>>
  readonly settleTrack: <T extends TrackDefinition>(track: T, ...args: TrackArguments<T, Defaults, Context>) => Promise<RunResult<OutputOfTrack<T>>>
  readonly settleOrchestrator: <O extends OrchestratorDefinition>(orchestrator: O, ...args: OrchestratorArguments<O, Defaults, Context>) => Promise<OrchestratorResult<OutputOfOrchestrator<O>>>
  readonly settleSingleTask: <N extends (keyof R & string) | (string & {})>(taskName: N, ...args: TaskArguments<R, N, Defaults, Context>) => Promise<RunResult<OutputOfTask<R, N>>>
}

/** What is about to be run. */
export interface Asked {
  readonly kind: 'track' | 'orchestrator' | 'task'
  readonly name: string
  /** With the runner's defaults. */
  readonly payload: unknown
}

/** Runs what is about to be run, with a payload that is the asked one, or stands for it. */
export type RunOf = (context: RunContext, payload: unknown) => Promise<RunResult>

/**
 * Binds the runners to an engine: `contextOf` makes a `RunContext` of whatever that engine calls its context.
 * `defaults` are laid beneath every payload: the base fields, say, on a laptop that serves one tenant.
 * `around` stands around every run, for what must be done before it begins and after it has ended; `run` settles, and throws only before anything runs.
 */
export function bindRunner<R extends Registry, Context, Defaults extends object = {}>(
  contextOf: (context: Context | undefined) => RunContext,
  defaults?: Defaults,
  around: (asked: Asked, context: Context | undefined, run: RunOf) => Promise<RunResult> = ({ payload }, context, run) => run(contextOf(context), payload),
): Runner<R, Context, Defaults> {
  const withDefaults = (payload: unknown): unknown =>
    defaults && (payload === undefined || typeof payload === 'object') ? { ...defaults, ...payload } : payload
  const bind =
    <Definition extends { readonly name: string } | string>(kind: Asked['kind'], settle: (definition: Definition, payload: unknown, context: RunContext) => Promise<RunResult>) =>
    async (definition: Definition, given?: unknown, context?: Context) => {
      const name = typeof definition === 'string' ? definition : definition?.name
      return around({ kind, name, payload: withDefaults(given) }, context, (made, payload) => settle(definition, payload, made))
    }
  const opened =
    <Definition>(settle: (definition: Definition, payload?: unknown, context?: Context) => Promise<RunResult>) =>
    async (definition: Definition, payload?: unknown, context?: Context) =>
      openResult(await settle(definition, payload, context))
  const settled = { track: bind('track', settleTrack), orchestrator: bind('orchestrator', settleOrchestrator), task: bind('task', settleSingleTask) }
  return {
    runTrack: opened(settled.track),
    runOrchestrator: opened(settled.orchestrator),
    runSingleTask: opened(settled.task),
    settleTrack: settled.track,
    settleOrchestrator: settled.orchestrator,
    settleSingleTask: settled.task,
  } as unknown as Runner<R, Context, Defaults>
}
