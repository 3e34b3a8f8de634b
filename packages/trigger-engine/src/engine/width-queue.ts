import { createHash } from 'node:crypto'
import type { TaskCall, TrackDefinition } from '@track-orchestrator/core'
import type { TaskContract } from '@track-orchestrator/registry'
import { declareWidth, type Limits } from '../limits.ts'
import type { Overrides } from '../overrides.ts'

// As many items at once as a step says, without waves: all of them are started in one batch, into a queue of that width, or under a named
// limit of it. It holds for each concurrency key, and each fan-out has a key of its own.

/** What handlers ask for (`runTasks(…, { concurrency })`) is not known when queues are declared: the next narrower one is taken. */
const usualWidths = [1, 2, 3, 4, 5, 6, 8, 10, 12, 16, 20, 25, 32, 50, 64, 100]

/** Every width that a definition asks for, and the usual ones, from narrow to wide. */
export function widthsOf(tracks: Iterable<TrackDefinition>): readonly number[] {
  const asked = [...tracks].flatMap(({ tasks }) => tasks.flatMap(({ concurrency }) => (concurrency === undefined ? [] : [concurrency])))
  return [...new Set([...usualWidths, ...asked])].toSorted((a, b) => a - b)
}

const nameOf = (width: number) => `track-orchestrator-width-${width}`

/** Declares the queues, or limits. Trigger.dev knows only those that are there when the worker is registered. */
export function declareWidths(limits: Limits): void {
  for (const width of limits.widths) declareWidth(limits, nameOf(width), width)
}

/** The trigger options of an item of a fan-out. */
export interface WidthOptions {
  readonly queue?: string
  readonly concurrency?: string
  readonly concurrencyKey?: string
  readonly ttl: string
}

/** In development a run waits ten minutes at most in its queue, unless it says otherwise; a server may allow no more than this. */
export const longestTtl = '14d'

/** What is said of a task's place beside its contract. */
type Concurrencies = ReadonlyMap<string, Pick<Overrides, 'concurrency'>>

/**
 * The trigger options with which the calls can all be started at once, and so many go on at once. Nothing where that cannot be: where a task
 * has a queue, a limit or a concurrency key of its own, which its runs cannot leave; but if its own limit lets no more go on, it will do.
 */
export function widthOptions(calls: readonly TaskCall[], concurrency: number, limits: Limits, overrides: Concurrencies = new Map()): WidthOptions | undefined {
  const [first] = calls
  if (!first) return undefined
  if (calls.some(({ contract }) => hasOwnPlace(contract, overrides))) return ownLimitOf(calls, limits, overrides) <= concurrency ? { ttl: longestTtl } : undefined
  const width = limits.widths.findLast((one) => one <= concurrency)
  if (width === undefined) return undefined
  const concurrencyKey = createHash('sha256').update(`${first.runId}/${first.walkId}/${first.path}`).digest('hex').slice(0, 32)
  return { [limits.style === 'queues' ? 'queue' : 'concurrency']: nameOf(width), concurrencyKey, ttl: longestTtl }
}

/** Whether runs of the task cannot leave their queue, limit or concurrency key. */
export function hasOwnPlace({ name, placement }: TaskContract, overrides: Concurrencies): boolean {
  return placement?.queue !== undefined || placement?.concurrencyKey !== undefined || overrides.get(name)?.concurrency !== undefined
}

/** How many of the calls their own limit lets go on at once: they are of one run, and so have one concurrency key. */
function ownLimitOf(calls: readonly TaskCall[], { style, ofQueues }: Limits, overrides: Concurrencies): number {
  const [{ contract: { name, placement } }] = calls as [TaskCall]
  if (calls.some(({ contract }) => contract.name !== name)) return Infinity
  const { name: queue, concurrencyLimit = Infinity } = placement?.queue ?? {}
  const { perKey = Infinity, total = Infinity } = (style === 'tasks' && overrides.get(name)?.concurrency) || {}
  return Math.min(queue === undefined ? concurrencyLimit : (ofQueues.get(queue) ?? Infinity), perKey, total)
}
