import { DefinitionError, type TaskPlacement } from '@track-orchestrator/registry'
import * as sdk from '@trigger.dev/sdk'
import type { Overrides } from './overrides.ts'

/**
 * How Trigger.dev is told how much may go on at once. `queues`: as limits of queues, which every version since 4.4 heeds, and 4.7 calls deprecated.
 * `tasks`: as limits of tasks and named limits, which servers and SDKs before 4.7 pass over in silence.
 */
export type LimitStyle = 'queues' | 'tasks'

/** All that the definitions say of how much may go on at once. */
export interface Limits {
  readonly style: LimitStyle
  /** Of each fan-out for itself, from narrow to wide: see `widthOptions`. */
  readonly widths: readonly number[]
  /** How many may go on of a queue, by its name: said once, it holds for every task that shares the queue. */
  readonly ofQueues: ReadonlyMap<string, number>
}

type TaskLimitOptions = Pick<Parameters<typeof sdk.task>[0], 'queue' | 'concurrency'>

/** SDKs before 4.7 have no such function: an import of it by its name could not be linked. */
const sdkKnowsTaskLimits = () => typeof (sdk as Partial<typeof sdk>).concurrencyLimit === 'function'

/** Throws `DefinitionError` for what is no version, and where the SDK is older than the server is said to be. */
export function limitStyleFor(owner: string, serverVersion: string | undefined, sdkKnows = sdkKnowsTaskLimits()): LimitStyle {
  if (serverVersion === undefined) return 'queues'
  const [, major, minor] = /^v?(\d+)\.(\d+)(?:\.|$)/.exec(serverVersion) ?? []
  if (major === undefined) throw new DefinitionError(`${owner}: serverVersion must be the version of the Trigger.dev server, such as 4.7.7, not ${JSON.stringify(serverVersion.slice(0, 40))}.`)
  if (Number(major) * 1_000 + Number(minor) < 4_007) return 'queues'
  if (!sdkKnows) throw new DefinitionError(`${owner}: serverVersion ${serverVersion}: the SDK that is installed cannot send limits as that server has them. Install @trigger.dev/sdk 4.7 or newer, or leave serverVersion out: then limits stand on queues, which that server heeds, too.`)
  return 'tasks'
}

/** Collects the limits of queues. Throws `DefinitionError` where two differ, for Trigger.dev would keep the first that it meets, and where limits of tasks are not to be had. */
export function limitsOf(owner: string, style: LimitStyle, widths: readonly number[], placements: Iterable<readonly [name: string, placement: Overrides | TaskPlacement]>): Limits {
  const ofQueues = new Map<string, number>()
  for (const [name, placement] of placements) {
    const { name: queueName, concurrencyLimit: limit } = placement.queue ?? {}
    if ('concurrency' in placement && placement.concurrency && style === 'queues') {
      throw new DefinitionError(`${owner}: overrides.${name}.concurrency: a server before 4.7 would pass over it, and limit nothing. Say serverVersion: '4.7' (or what it is) where the server is that new, or use queue: { concurrencyLimit }.`)
    }
    if (queueName === undefined || limit === undefined) continue
    const known = ofQueues.get(queueName)
    if (known !== undefined && known !== limit) throw new DefinitionError(`${owner}: ${name}: queue ${queueName} has two limits, ${known} and ${limit}. All that share a queue share its limit: say it once, or the same everywhere.`)
    if (style === 'tasks' && !/^[\w-]{1,122}$/.test(queueName)) throw new DefinitionError(`${owner}: ${name}: the queue ${JSON.stringify(queueName)} has a limit, which from version 4.7 on has a name of 1-122 letters, digits, _ and -. Rename the queue.`)
    ofQueues.set(queueName, limit)
  }
  return { style, widths, ofQueues }
}

/** The queue of a task, track or orchestrator, and how many of its runs may go on at once, as the server is to be told. `perKey` is what the limit of a queue has always meant. */
export function limited({ style, ofQueues }: Limits, { queue: its, concurrency }: Pick<Overrides, 'queue' | 'concurrency'>): TaskLimitOptions {
  const limit = its?.name === undefined ? its?.concurrencyLimit : ofQueues.get(its.name)
  if (style === 'queues') return its ? { queue: queueOf(its.name, limit) } : {}
  const own = concurrency ?? (its?.name === undefined && limit !== undefined ? { perKey: limit } : undefined)
  const shared = its?.name !== undefined && limit !== undefined ? sdk.concurrencyLimit({ name: its.name, perKey: limit }) : undefined
  const all = [own, shared].filter((one) => one !== undefined)
  return { ...(its?.name !== undefined && { queue: queueOf(its.name, undefined) }), ...(all.length > 0 && { concurrency: all }) }
}

/** A queue without a limit may have been declared, with one, by somebody else, whose declaration must not be shadowed; SDKs before 4.7 know no reference to it. */
function queueOf(name: string | undefined, limit: number | undefined): NonNullable<TaskLimitOptions['queue']> {
  if (name !== undefined && limit === undefined && sdkKnowsTaskLimits()) return name
  return { ...(name !== undefined && { name }), ...(limit !== undefined && { concurrencyLimit: limit }) }
}

/** Declares a limit which is a queue's, or a named one, and gives its name. */
export function declareWidth({ style }: Limits, name: string, width: number): void {
  if (style === 'queues') sdk.queue({ name, concurrencyLimit: width })
  else sdk.concurrencyLimit({ name, perKey: width })
}
