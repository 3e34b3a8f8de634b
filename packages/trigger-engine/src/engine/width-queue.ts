import { createHash } from 'node:crypto'
import type { TaskCall, TrackDefinition } from '@track-orchestrator/core'
import { declareWidth, type Limits } from '../limits.ts'

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
  readonly concurrencyKey: string
  readonly ttl: string
}

/** In development a run waits ten minutes at most in its queue, unless it says otherwise; a server may allow no more than this. */
const ttl = '14d'

/**
 * The trigger options with which so many of the calls go on at once; nothing where that takes waves: where a task has a queue, a
 * limit or a concurrency key of its own, which its runs cannot leave.
 */
export function widthOptions(calls: readonly TaskCall[], concurrency: number, { style, widths }: Pick<Limits, 'style' | 'widths'>, hasLimit: (taskName: string) => boolean = () => false): WidthOptions | undefined {
  if (calls.some(({ contract: { name, placement } }) => placement?.queue || placement?.concurrencyKey || hasLimit(name))) return undefined
  const width = widths.findLast((one) => one <= concurrency)
  const [first] = calls
  if (width === undefined || !first) return undefined
  const concurrencyKey = createHash('sha256').update(`${first.runId}/${first.walkId}/${first.path}`).digest('hex').slice(0, 32)
  return { [style === 'queues' ? 'queue' : 'concurrency']: nameOf(width), concurrencyKey, ttl }
}
