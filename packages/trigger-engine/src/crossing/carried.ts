import type { CostsOfParts, ForkedWalk, PaidCosts } from '@track-orchestrator/core/engine'
import { DefinitionError, type Costs, type ErrorJson } from '@track-orchestrator/registry'
import { metadata } from '@trigger.dev/sdk'
import type { Packing } from './payload.ts'
import type { CallTicket, LaneTicket, TrackTicket } from './ticket.ts'

/**
 * The one key of a run's metadata that is ours. What crosses from run to run beside a payload stands below it: it is given as the
 * trigger option `metadata`, which a stranger who writes payloads cannot reach. Whoever may read the run may read it, in Realtime
 * too: so it holds names, ids and numbers, never a secret.
 */
export const reservedKey = 'trackOrchestrator'

/** A value that lies in the payload store: under the run in which the walk began, by the hash of its JSON. */
export interface Claim {
  /** SHA-256 of the JSON: 64 hexadecimal digits. */
  readonly hash: string
  readonly sizeBytes: number
}

/** What stands below the key. */
export interface Carried {
  /** What the run that was started for a call, for a track, or as a lane, is told. */
  readonly call?: CallTicket
  readonly track?: TrackTicket
  readonly lane?: LaneTicket
  /** How the payload is packed that a backend's client has sent. */
  readonly packed?: Packing
  /** The run's input, where it is too big to travel. */
  readonly input?: Claim
  /** The run whose finished steps are to be reused: see `resumeOptions`. */
  readonly resumeOf?: string
  /** The run that is to be forked, and from which step on: see `forkOptions`. */
  readonly forkOf?: { readonly runId: string; readonly from: string; readonly set?: Readonly<Record<string, unknown>> }
  /** Written by a run that resumes or forks another: where the walk began, every run that has walked it before, the oldest first, and what a fork does otherwise. */
  readonly walk?: { readonly walkId: string; readonly earlierRuns: readonly string[]; readonly fork?: ForkedWalk | undefined }
  /** Written by a run whose output is too big to travel: see `openOutput`. */
  readonly output?: Claim
  /** Written by a run whose output is sealed: see `openOutput`. */
  readonly sealed?: boolean
  /** How much the run may spend: see `limitOptions`. */
  readonly limits?: { readonly cost?: Costs }
  /** Written by a run when it pays: what a further attempt of it is not told again. By the paths of the calls. */
  readonly paid?: PaidCosts
  /** Written by a run that has failed: see `errorOfRun`. */
  readonly error?: ErrorJson
}

/** What a run's metadata carries. Throws `DefinitionError` where something else stands under the key. */
export function readCarried(values: Readonly<Record<string, unknown>> | undefined): Carried {
  if (!values || !Object.hasOwn(values, reservedKey)) return {}
  const carried = values[reservedKey]
  if (!isRecord(carried)) throw misfit('it')
  for (const [key, fits] of Object.entries(parts)) {
    if (carried[key] !== undefined && !fits(carried[key])) throw misfit(key)
  }
  return carried
}

const isRecord = (value: unknown): value is Record<string, unknown> => typeof value === 'object' && value !== null && !Array.isArray(value)
const isText = (value: unknown): value is string => typeof value === 'string' && value !== ''
const isRun = (value: unknown): value is Record<string, unknown> => isRecord(value) && ['runId', 'runName', 'walkId'].every((key) => isText(value[key]))

/** Whether the value is a `ForkedWalk`, or absent. */
function isFork(value: unknown): boolean {
  if (value === undefined) return true
  if (!isRecord(value)) return false
  const { branches = [], amendments = [] } = value
  const isBranch = (branch: unknown) => isRecord(branch) && isText(branch['walkId']) && Array.isArray(branch['anew']) && branch['anew'].every(isText)
  const isAmendment = (amendment: unknown) => isRecord(amendment) && isText(amendment['at']) && typeof amendment['path'] === 'string'
  return Array.isArray(branches) && branches.every(isBranch) && Array.isArray(amendments) && amendments.every(isAmendment)
}

const isCosts = (value: unknown): value is Costs => isRecord(value) && Object.values(value).every((amount) => typeof amount === 'number' && amount >= 0)

/** What a run has paid by its metadata, as it stands there: for who is not told otherwise. Never throws. */
export function costsOfRun(values: Readonly<Record<string, unknown>> | undefined): CostsOfParts | undefined {
  try {
    const { paid } = readCarried(values)
    return paid && { paid }
  } catch {
    return undefined
  }
}

/** Whether the value is a claim. Its hash becomes part of a storage key. */
export function isClaim(value: unknown): value is Claim {
  return isRecord(value) && typeof value['hash'] === 'string' && /^[0-9a-f]{64}$/.test(value['hash']) && Number.isSafeInteger(value['sizeBytes'])
}

const parts: { readonly [Key in keyof Carried]-?: (value: unknown) => boolean } = {
  call: (value) => isRun(value) && ['track', 'step', 'parentPath', 'segment'].every((key) => typeof value[key] === 'string'),
  track: (value) => isRun(value) && isRecord(value['owner']) && isText(value['path']) && isText(value['ownPath']) && Number.isSafeInteger(value['index']) && Array.isArray(value['outerHalts']) && isFork(value['fork']),
  lane: (value) => isRun(value) && ['number', 'lanes'].every((key) => Number.isSafeInteger(value[key])) && isText(value['fanOut']) && Array.isArray(value['halts']),
  packed: isRecord,
  input: isClaim,
  resumeOf: isText,
  forkOf: (value) => isRecord(value) && isText(value['runId']) && isText(value['from']) && (value['set'] === undefined || isRecord(value['set'])),
  walk: (value) => isRecord(value) && isText(value['walkId']) && Array.isArray(value['earlierRuns']) && value['earlierRuns'].every(isText) && isFork(value['fork']),
  output: isClaim,
  sealed: (value) => typeof value === 'boolean',
  limits: (value) => isRecord(value) && (value['cost'] === undefined || isCosts(value['cost'])),
  paid: (value) => isRecord(value) && Object.values(value).every(isCosts),
  error: (value) => isRecord(value) && typeof value['code'] === 'string' && typeof value['message'] === 'string',
}

function misfit(what: string): DefinitionError {
  return new DefinitionError(`The metadata key ${reservedKey} is reserved: ${what === 'it' ? 'it' : `its ${what}`} is none that this package wrote. Give your own metadata another key.`)
}

/** How the idempotency key of every run begins that one of our runs starts. The number is that of the keys' format: 2 names steps by their ids alone. */
export const keyMark = 'track-orchestrator/2/'

interface OwnRun {
  readonly id: string
  readonly idempotencyKey?: string | undefined
}

/** By `ctx.run`: it is the same object all through an attempt, also where `ctx` was copied (`{ ...ctx, signal }`). */
const carriedBy = new WeakMap<object, Carried>()

/**
 * What this run carries, as it was when the attempt began: a handler may have replaced the metadata since.
 * Throws `DefinitionError` where it is gone, since a handler took it away in an earlier attempt.
 */
export function carriedOf(run: OwnRun): Carried {
  const known = carriedBy.get(run)
  if (known) return known
  const carried = readCarried(metadata.current())
  if (!carried.call && !carried.track && !carried.lane && run.idempotencyKey?.startsWith(keyMark)) {
    throw new DefinitionError(`The metadata of run ${run.id} has lost its key ${reservedKey}, without which it cannot go on: an earlier attempt called metadata.replace(), or metadata.del() of that key, and ended before it could be put back. Set single keys instead.`)
  }
  carriedBy.set(run, carried)
  return carried
}

/** Writes more below the key of this run. It reaches the server with the next `metadata.flush()`. */
export function tellCarried(run: OwnRun, more: Partial<Carried>): void {
  const carried = { ...carriedBy.get(run), ...more }
  carriedBy.set(run, carried)
  metadata.set(reservedKey, JSON.parse(JSON.stringify(carried)))
}

/** Puts back what the run carries, if a handler has taken it out of the metadata: the next attempt needs it. */
export function restoreCarried(run: OwnRun): void {
  const carried = carriedBy.get(run)
  if (!carried || Object.keys(carried).length === 0) return
  const now = metadata.current()?.[reservedKey]
  if (JSON.stringify(now) !== JSON.stringify(carried)) metadata.set(reservedKey, JSON.parse(JSON.stringify(carried)))
}
