import type { RunLimits } from '@track-orchestrator/core'
import type { ForkedWalk } from '@track-orchestrator/core/engine'
import { amountsByUnit, jsonValue, TerminalError, type BaseFields } from '@track-orchestrator/registry'
import { checkOptions, recordOf, required, text } from '@track-orchestrator/registry/options'
import { runs, type TriggerOptions } from '@trigger.dev/sdk'
import { readCarried, reservedKey, type Carried } from './carried.ts'

/**
 * Trigger options with which a run walks under the id of an earlier run of the same track or orchestrator, for the same tenant and
 * project: `tasks.trigger(name, payload, resumeOptions(runId))`. Tasks that finished in it, with the same input, are not run again.
 * `options`: further ones of yours, metadata too. In the dashboard: `{ "trackOrchestrator": { "resumeOf": "run_…" } }` as the metadata of
 * a test or a replay. Throws `DefinitionError` without an id: the run would quietly do everything again.
 */
export function resumeOptions(runId: string): CarryingOptions
export function resumeOptions<Options extends TriggerOptions>(runId: string, options: Options): Options & CarryingOptions
export function resumeOptions(runId: string, options: TriggerOptions = {}): CarryingOptions {
  return { ...options, metadata: { ...options.metadata, [reservedKey]: { ...carriedIn(options), resumeOf: checkRunId('resumeOptions', runId) } } }
}

/** From where on a fork does everything anew. */
export interface ForkFrom {
  /** A step, by its id or path; `translate[3]` for one item of it. */
  readonly from: string
  /** By JSON path: what takes the place of what stands in the step's input. 64 KiB of JSON at most. */
  readonly set?: Readonly<Record<string, unknown>>
}

/** What the metadata of a run has room for beside what the run itself writes there. */
const setLimitBytes = 65_536

/**
 * Trigger options with which a run takes over what an earlier run of the same track or orchestrator finished before a step, and does everything
 * from there on anew: `tasks.trigger(name, payload, forkOptions(runId, { from: 'translate' }))`, with the payload of that run. Throws
 * `DefinitionError`, and `payload_too_large` for `set`.
 */
export function forkOptions(runId: string, from: ForkFrom, options: TriggerOptions = {}): CarryingOptions {
  const { from: step, set } = checkOptions<ForkFrom>('forkOptions', from, { from: required(text()), set: recordOf(jsonValue) })
  const json = JSON.stringify(set ?? {})
  if (Buffer.byteLength(json) > setLimitBytes) throw new TerminalError(`set is ${Buffer.byteLength(json)} bytes of JSON; a fork takes ${setLimitBytes}. Set a reference instead of the data, or change the payload.`, { code: 'payload_too_large' })
  return { ...options, metadata: { ...options.metadata, [reservedKey]: { ...carriedIn(options), forkOf: { runId: checkRunId('forkOptions', runId), from: step, ...(set && { set: JSON.parse(json) as object }) } } as never } }
}

/**
 * Trigger options with which a run may spend so much, in place of what `createTriggerWorker` says: `tasks.trigger(name, payload,
 * limitOptions({ cost: { USD: 2 } }))`. With others: `resumeOptions(runId, limitOptions({ … }))`. Throws `DefinitionError`.
 */
export function limitOptions(limits: RunLimits, options: TriggerOptions = {}): CarryingOptions {
  const checked = checkOptions<RunLimits>('limitOptions', limits, { cost: amountsByUnit })
  return { ...options, metadata: { ...options.metadata, [reservedKey]: { ...carriedIn(options), limits: checked } } }
}

/** Throws `DefinitionError` where it is no id of a run, but `undefined`, say. */
export const checkRunId = (what: string, runId: string): string => checkOptions<{ readonly runId: string }>(what, { runId }, { runId: required(text({ maxLength: 200 })) }).runId

/** What other functions of this page have put there. */
const carriedIn = ({ metadata }: TriggerOptions) => (metadata?.[reservedKey] ?? {}) as Readonly<Record<string, never>>

interface CarryingOptions {
  readonly metadata: NonNullable<TriggerOptions['metadata']>
}

/** The walk that a run goes on with. */
export interface EarlierWalk {
  readonly walkId: string
  /** The runs that have walked it so far, the oldest first. */
  readonly earlierRuns: readonly string[]
  /** Where it was forked from another. */
  readonly fork?: ForkedWalk | undefined
}

interface EarlierRun {
  readonly payload: unknown
  readonly walk: EarlierWalk
}

/**
 * An earlier run, and the walk that it began, resumed itself, or forked. So the latest of several that failed can be resumed.
 * Throws `terminal` where there is no such run of `name` for this tenant and project: it would quietly run everything again.
 */
export async function earlierRun(how: 'resumeOf' | 'forkOf', runId: string, name: string, { tenantId, projectId }: BaseFields): Promise<EarlierRun> {
  const { taskIdentifier, payload, metadata } = await runs.retrieve(runId).catch((cause: unknown) => {
    throw new TerminalError(`${how}: run ${runId} could not be found (${String(cause)}). Give the id of an earlier run of ${name}.`, { cause })
  })
  if (taskIdentifier !== name) throw new TerminalError(`${how}: ${runId} is a run of ${taskIdentifier}, not of ${name}.`)
  const whose = payload as Partial<BaseFields> | undefined
  if (whose?.tenantId !== tenantId || whose.projectId !== projectId) throw new TerminalError(`${how}: ${runId} is a run of another tenant or project.`)
  return { payload, walk: walkOf(how, runId, readCarried(metadata)) }
}

function walkOf(how: string, runId: string, { walk, forkOf }: Carried): EarlierWalk {
  if (walk) return walk
  if (forkOf) throw new TerminalError(`${how}: ${runId} is a fork of ${forkOf.runId} that ended before it began: fork that run again.`)
  return { walkId: runId, earlierRuns: [] }
}
