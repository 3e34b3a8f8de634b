import type { ErrorJson } from '@track-orchestrator/registry'
import type { TriggerRun } from './trigger-local.ts'

// What trigger-engine leaves with its runs: where each stands, how it ended, what went wrong.

/** Where a run of Trigger.dev stands in a run of a track or an orchestrator. */
export type TriggerPlace =
  | { readonly kind: 'root' }
  /** It starts items of a step for the run above it, and is none itself. */
  | { readonly kind: 'lane' }
  | { readonly kind: 'track'; readonly path: string; readonly name: string; readonly owner: string; readonly ownerPath: string }
  | { readonly kind: 'call'; readonly path: string; readonly parentPath: string; readonly track: string; readonly step: string; readonly nested: boolean; readonly items?: number }

/** What a person gets to know of a value that did not travel. */
export const stored = Symbol('stored')

interface Carried {
  readonly call?: { readonly track: string; readonly step: string; readonly parentPath: string; readonly segment: string; readonly nested: boolean; readonly items?: number } & Packing
  readonly track?: { readonly owner: { readonly kind: string }; readonly path: string; readonly ownPath: string } & Packing
  readonly lane?: unknown
  readonly input?: unknown
  readonly output?: unknown
  readonly sealed?: boolean
  readonly error?: ErrorJson
}
interface Packing {
  readonly wrapped?: boolean
  readonly sealed?: boolean
}

const isRecord = (value: unknown): value is Record<string, unknown> => typeof value === 'object' && value !== null && !Array.isArray(value)
const areTexts = (value: Record<string, unknown>, ...names: string[]) => names.every((name) => typeof value[name] === 'string')

/** What stands under the one key of the metadata that is trigger-engine's. Whatever does not look like it is none. */
function carriedOf({ metadata }: TriggerRun): Carried {
  const carried = isRecord(metadata) && Object.hasOwn(metadata, 'trackOrchestrator') ? metadata['trackOrchestrator'] : undefined
  if (!isRecord(carried)) return {}
  const { call, track, ...rest } = carried
  return {
    ...rest,
    ...(isRecord(call) && areTexts(call, 'track', 'step', 'parentPath', 'segment') && typeof call['nested'] === 'boolean' && { call: call as unknown as NonNullable<Carried['call']> }),
    ...(isRecord(track) && areTexts(track, 'path', 'ownPath') && isRecord(track['owner']) && { track: track as unknown as NonNullable<Carried['track']> }),
  }
}

export function placeOf(run: TriggerRun): TriggerPlace {
  const { call, track, lane } = carriedOf(run)
  if (isRecord(lane)) return { kind: 'lane' }
  if (track) return { kind: 'track', path: track.ownPath, name: run.task, owner: track.owner.kind, ownerPath: track.path }
  if (!call) return { kind: 'root' }
  const { parentPath, segment, step, nested, items } = call
  return { kind: 'call', path: `${parentPath}/${segment}`, parentPath, track: call.track, step, nested, ...(typeof items === 'number' && { items }) }
}

/** The input of a run without the fields that each has; `stored` where it did not travel. */
export function inputOf(run: TriggerRun): unknown {
  const carried = carriedOf(run)
  if (carried.input !== undefined) return stored
  const { wrapped, sealed } = carried.call ?? carried.track ?? {}
  if (!isRecord(run.payload)) return run.payload
  const whole = sealed && typeof run.payload['json'] === 'string' ? (JSON.parse(run.payload['json']) as Record<string, unknown>) : run.payload
  if (wrapped) return whole['input']
  const { tenantId: _tenantId, projectId: _projectId, userId: _userId, trampData: _trampData, ...input } = whole
  return input
}

/** What a run answered: of a track how it ended, of a task its envelope, of a run that a person started its output. */
function answerOf({ output }: TriggerRun): unknown {
  if (!isRecord(output) || typeof output['json'] !== 'string' || Object.keys(output).length > 1) return output
  try {
    return JSON.parse(output['json'])
  } catch {
    return output
  }
}

/** The output of a run; `stored` where it did not travel. */
export function outputOf(run: TriggerRun): unknown {
  const { call, track, output } = carriedOf(run)
  const answer = answerOf(run)
  if (output !== undefined || ((call ?? track) && isRecord(answer) && answer['claim'] !== undefined)) return stored
  if (!isRecord(answer)) return answer
  return track ? answer['output'] : isRecord(answer['job']) && 'results' in answer ? answer['results'] : answer
}

/** What the handler said of its work beside its results. */
export function metadataOf(run: TriggerRun): Record<string, unknown> | undefined {
  const answer = answerOf(run)
  return isRecord(answer) && isRecord(answer['job']) && isRecord(answer['metadata']) && Object.keys(answer['metadata']).length > 0 ? answer['metadata'] : undefined
}

/** How a track ended that is part of another: its run ends well, whatever its track did. */
export function endOfTrack(run: TriggerRun): { readonly status: 'succeeded' | 'failed' | 'skipped' | 'cancelled'; readonly because?: string; readonly error?: ErrorJson } {
  const answer = answerOf(run)
  if (run.status === 'COMPLETED' && isRecord(answer) && areTexts(answer, 'status')) {
    const { status, because, error } = answer
    return { status: status as 'skipped', ...(typeof because === 'string' && { because }), ...(isRecord(error) && { error: error as unknown as ErrorJson }) }
  }
  return run.status === 'CANCELED' ? { status: 'cancelled' } : { status: 'failed', error: errorOf(run) }
}

/** How trigger-engine begins the line of a stack that says what is short of an error. */
const mark = 'track-orchestrator: '

/** The error that ended a run: as it was thrown where it says so, else as Trigger.dev tells it. */
export function errorOf(run: TriggerRun): ErrorJson {
  const { name = 'Error', message = '', stackTrace = '' } = run.error ?? {}
  const plain: ErrorJson = { name, code: run.status === 'CANCELED' ? 'cancelled' : run.status === 'TIMED_OUT' ? 'timed_out' : 'task_failed', message: message || `The run ended as ${run.status}`, retryable: false }
  const line = stackTrace.split('\n', 10).find((one) => one.startsWith(mark))
  if (line === undefined) return carriedOf(run).error ?? plain
  try {
    const { more, ...told } = JSON.parse(line.slice(mark.length)) as ErrorJson & { more?: true }
    return more ? (carriedOf(run).error ?? { ...plain, ...told }) : { ...plain, ...told }
  } catch {
    return plain
  }
}
