import type { Round, TaskCall, TrackPlan } from '@track-orchestrator/core'
import { callKey, forkOfPart, type Ledger } from '@track-orchestrator/core/engine'
import { TerminalError, toTracksError, type BaseFields, type Costs, type TracksError } from '@track-orchestrator/registry'
import { idempotencyKeys, type TriggerOptions } from '@trigger.dev/sdk'
import { keyMark, reservedKey, type Carried } from '../crossing/carried.ts'
import type { ClaimCheck, Handed } from '../crossing/claim-check.ts'
import { packPayload } from '../crossing/payload.ts'
import { tagOf } from '../crossing/tags.ts'
import type { CallTicket, LaneTicket, RunTicket, TrackTicket } from '../crossing/ticket.ts'
import type { Overrides } from '../overrides.ts'
import type { HaltWatch } from './halt.ts'
import type { OwnRun } from './read-result.ts'
import type { RunLogs } from './run-logs.ts'
import type { Item } from './start-items.ts'
import { longestTtl, type WidthOptions } from './width-queue.ts'

/** A track to be started, or joined where it goes on already. */
export interface TrackRequest {
  readonly ticket: TrackTicket
  readonly ledger: Ledger
  readonly base: BaseFields
  readonly input: unknown
}

/** Calls of which not so many may go on at once. */
export interface FanOut {
  /** Absent where lanes start them, or waves. */
  readonly width?: WidthOptions
  /** The token by which one that fails stops those that have not begun. */
  readonly stop?: string
}

/** What of its surroundings goes into a run: whoever starts it, and what the worker's options say. */
export interface Surroundings {
  readonly claims: ClaimCheck
  readonly halt?: HaltWatch | undefined
  readonly overrides: ReadonlyMap<string, Overrides>
  readonly run: Pick<OwnRun, 'priority' | 'tags'>
  readonly logs: Pick<RunLogs, 'awayAt'>
}

/** How a call is asked for. */
export interface Asked {
  /** So many calls move their parent's progress on. */
  readonly items: number
  /** What those that are started before it, with it, are going to cost. */
  readonly ahead?: Costs | undefined
  readonly fanOut?: FanOut | undefined
}

/** The run that a call is to become. Throws where its input can neither travel nor be stored. */
export async function itemOfCall(call: TaskCall, { claims, halt, overrides, run, logs }: Surroundings, { items, ahead, fanOut }: Asked): Promise<Item> {
  const halts = halt?.tokens ?? []
  const { contract, runId, runName, walkId, path, track, step, nested, kept, retry, timeoutMs, base, deadline, round } = call
  const { machine, concurrencyKey } = contract.placement ?? {}
  const cut = path.lastIndexOf('/')
  const ticket: CallTicket = {
    ...{ runId, runName, walkId, kept, track, step, nested, parentPath: path.slice(0, cut), segment: path.slice(cut + 1) },
    ...(halts.length > 0 && { halts }),
    ...boundsOf(deadline?.at, round),
    ...(items > 1 && { items }),
    ...(fanOut?.stop !== undefined && { stop: fanOut.stop }),
    ...(retry && { retry }),
    ...(timeoutMs !== undefined && { timeoutMs }),
    ...limitOf(call.ledger, ahead),
    ...awayOf(logs),
  }
  const handed = await claims.handIn(call.payload, walkId, `The input of step ${step} of ${track}`)
  const key = concurrencyKey && base[concurrencyKey]
  return makeItem(contract.name, callKey(call), { base, ticket, part: 'call', handed }, {
    ...handedDown(run, base, track),
    ...(retry?.maxAttempts !== undefined && { maxAttempts: retry.maxAttempts }),
    ...(machine !== undefined && { machine: machine as NonNullable<TriggerOptions['machine']> }),
    ...(key !== undefined && { concurrencyKey: key }),
    ...fanOut?.width,
    ...ttlOf(overrides.get(contract.name), deadline?.at),
  }, round)
}

/** The run that a track is to become. Its key holds for this walk of this run only: a resumed run walks its tracks again, and reuses their finished tasks. */
export async function itemOfTrack({ ticket, ledger, base, input }: TrackRequest, { claims, overrides, run, logs }: Surroundings): Promise<Item> {
  const handed = await claims.handIn(input, ticket.walkId, `The input of ${ticket.ownPath}`)
  const id = trackOf(ticket)
  const override = overrides.get(id)
  const key = override?.concurrencyKey && base[override.concurrencyKey]
  return makeItem(id, `${ticket.runId}/${ticket.walkId}/${ticket.ownPath}${markOf(ticket)}`, { base, ticket: { ...ticket, ...limitOf(ledger), ...awayOf(logs) }, part: 'track', handed }, {
    ...handedDown(run, base, nameOf(ticket)),
    ...(key !== undefined && { concurrencyKey: key }),
    ...ttlOf(override, ticket.deadlineAt),
  }, ticket.round)
}

/** A lane to be started: see `LaneTicket`. */
interface LaneRequest {
  readonly ticket: LaneTicket
  readonly base: BaseFields
  /** For its tags. */
  readonly track: string
  readonly key: string
}

/** The run that a lane is to become. */
export async function itemOfLane({ ticket, base, track, key }: LaneRequest, plan: Handed, { run }: Pick<Surroundings, 'run'>): Promise<Item> {
  const { trampData: _trampData, ...ids } = base
  return makeItem(laneTask, key, { base: ids, ticket, part: 'lane', handed: plan }, { ...handedDown(run, base, track), ttl: longestTtl }, ticket.round)
}

/** The Trigger.dev task of which lanes are runs. */
export const laneTask = 'track-orchestrator-lane'

/** The track that is walked. */
export function trackOf(ticket: TrackTicket): string {
  return ticket.owner.kind === 'forEach' ? ticket.owner.name : nameOf(ticket)
}

/** As `trackOf`; of an item, with its number: `Translate[3]`. */
const nameOf = ({ ownPath }: TrackTicket): string => ownPath.slice(ownPath.lastIndexOf('/') + 1)

const awayOf = ({ awayAt }: Pick<RunLogs, 'awayAt'>) => (awayAt === undefined ? {} : { logsAwayAt: awayAt })

function limitOf(ledger: Ledger, ahead?: Costs) {
  const limit = ledger.handDown(ahead)
  return limit && { limit }
}

/** What the run that walks a plan says of it to its tracks. */
export type PlanFacts = Pick<TrackTicket, 'ownerRun' | 'halt' | 'outerHalts'>

/** The ticket of track number `index` of a plan. */
export function ticketOf({ origin, graph, onTrackFailure, race }: TrackPlan, index: number, facts: PlanFacts): TrackTicket {
  const { runId, runName, walkId, fork, kept, owner, path, deadlineAt, round } = origin
  const ownPath = owner.kind === 'forEach' ? `${path}[${index}]` : `${path}/${graph.names[index]}`
  return { runId, runName, walkId, ...(fork && { fork: forkOfPart(fork, path) }), kept, owner, path, ownPath, index, siblings: graph.names.length, onTrackFailure, ...(race && { race }), ...boundsOf(deadlineAt, round), ...facts }
}

/** Of a run whose track has failed, while the run itself completes. */
export const failedTag = 'track-failed'

type SerializableJson = NonNullable<TriggerOptions['metadata']>[string]

/** Room for what is told beside in the run's metadata, of the 256 KB that it may have. */
const ticketLimitBytes = 128 * 1024

interface ItemParts {
  readonly base: BaseFields
  readonly ticket: RunTicket
  readonly part: 'call' | 'track' | 'lane'
  readonly handed: Handed
}

async function makeItem(id: string, key: string, { base, ticket, part, handed }: ItemParts, options: TriggerOptions, round: Round | undefined): Promise<Item> {
  const { payload, packing } = packPayload(base, handed.claim ? {} : handed.value)
  const carried: Carried = { [part]: { ...ticket, ...packing }, ...(handed.claim && { input: handed.claim }) }
  const sizeBytes = Buffer.byteLength(JSON.stringify(carried))
  if (sizeBytes > ticketLimitBytes) {
    throw new TerminalError(`${id} cannot be started: what its run must be told (its path, ${'ownPath' in ticket ? 'the names of its tracks' : 'its step and track'}) is ${sizeBytes} bytes; Trigger.dev takes ${ticketLimitBytes} in metadata beside yours.`, { code: 'payload_too_large' })
  }
  const idempotencyKey = await idempotencyKeys.create(`${keyMark}${key}`, { scope: 'global' })
  return { id, payload, options: { ...options, idempotencyKey, metadata: { [reservedKey]: carried as unknown as SerializableJson } }, ...(round && { since: new Date(round.beganAt) }) }
}

/** What a run hands down to those that it starts: its priority, and the tags that a person gave it. At most ten tags (https://trigger.dev/docs/tags). */
function handedDown({ priority, tags }: Surroundings['run'], { tenantId, projectId }: BaseFields, track: string): TriggerOptions {
  const own = [tagOf('tenant', tenantId), tagOf('project', projectId), tagOf('track', track)]
  const given = tags.filter((tag) => tag !== failedTag && !/^(?:tenant|project|track):/.test(tag))
  return { tags: [...own, ...given].slice(0, 10), ...(priority !== undefined && { priority }) }
}

/** What has not begun by its deadline need not begin. */
function ttlOf(override: Overrides | undefined, deadlineAt: number | undefined): TriggerOptions {
  const leftSeconds = deadlineAt === undefined ? Number.POSITIVE_INFINITY : Math.max(1, Math.ceil((deadlineAt - Date.now()) / 1_000))
  const ttl = Math.min(override?.ttlSeconds ?? Number.POSITIVE_INFINITY, leftSeconds)
  return ttl <= longestTtlSeconds ? { ttl } : {}
}

/** Trigger.dev takes no longer one: 14 days. */
const longestTtlSeconds = 1_209_600

const boundsOf = (deadlineAt: number | undefined, round: Round | undefined) => ({ ...(deadlineAt !== undefined && { deadlineAt }), ...(round && { round }) })

/** What tells a walk of a track that failed before from the one before: its tracks and halts are others, its finished tasks are the same. */
export const markOf = ({ round }: { readonly round?: Round | undefined }): string => round?.mark ?? ''

/** A call or track that is to be started, or why it cannot be. */
export type Prepared = { readonly item: Item } | { readonly error: TracksError }

/** Never rejects. */
export async function prepare(make: () => Promise<Item>): Promise<Prepared> {
  try {
    return { item: await make() }
  } catch (thrown) {
    return { error: toTracksError(thrown) }
  }
}
