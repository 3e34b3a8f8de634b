import { TracksError } from '@track-orchestrator/registry'
import { readRetryAfter, wait as pause } from '@track-orchestrator/registry/waiting'
import { ApiError, batch, BatchTriggerError, idempotencyKeys, tasks, wait, type TriggerOptions } from '@trigger.dev/sdk'

/** A run to be started: what the SDK takes. */
export interface Item {
  readonly id: string
  readonly payload: unknown
  readonly options: TriggerOptions & { readonly idempotencyKey: string }
  /** A run that was created before, and cancelled, is of an earlier walk. Default: the beginning of the run that starts this one. */
  readonly since?: Date
}

/** How a started run ended. The id is empty where it could not be started. */
export type Result = { readonly ok: true; readonly id: string; readonly output: unknown } | { readonly ok: false; readonly id: string; readonly error: unknown }

/** One batch holds no more items (https://trigger.dev/docs/limits#batch-size). */
export const batchLimit = 1_000

/**
 * The answer to the making of a batch was lost. Trigger.dev may have made it, and would let this run wait for ever for items that
 * nobody sends; a second batch would not help. What helps is that this attempt ends: the next one finds what has finished by its key.
 */
export class AnswerLost extends TracksError {
  constructor(cause: unknown) {
    super(`Trigger.dev's answer to a batch was lost (${cause instanceof Error ? cause.message : String(cause)}): this attempt ends, for the run might wait for ever. In development the next one needs retries.enabledInDev.`, { code: 'engine/answer_lost', retryable: true, cause })
  }
}

/**
 * Starts the items and waits for all. The same key twice in a batch would hang the run for ever: such items share one run and its
 * result. A rate limit is waited out, however often. An item that cannot be started has failed. Throws `AnswerLost`.
 */
export async function startItems(items: readonly Item[], signal: AbortSignal): Promise<Result[]> {
  const keyOf = ({ id, options }: Item) => `${id} ${options.idempotencyKey}`
  const unique = [...new Map(items.map((item) => [keyOf(item), item])).values()]
  const results = await start(unique, signal)
  const byKey = new Map(unique.map((item, place) => [keyOf(item), results[place]!]))
  return items.map((item) => byKey.get(keyOf(item))!)
}

/** Frees the key that a run keeps which was cancelled or lost, and starts the item anew. */
export async function startAnew(item: Item, signal: AbortSignal): Promise<Result> {
  // Where there is nothing under the key any more, somebody else was quicker.
  await idempotencyKeys.reset(item.id, item.options.idempotencyKey).catch(() => {})
  return (await start([item], signal))[0]!
}

async function start(items: readonly Item[], signal: AbortSignal): Promise<Result[]> {
  return items.length === 1 ? [await startOne(items[0]!, signal)] : startBatch(items, signal)
}

/** How often a server that answers with an error of its own, or not at all, is asked again. */
const maxServerErrors = 5

/** The SDK would ask again as well, but not say so: see `seenAfterMs`. */
async function startOne({ id, payload, options }: Item, signal: AbortSignal): Promise<Result> {
  for (let serverErrors = 0; ; ) {
    try {
      const result = await tasks.triggerAndWait(id, payload, options, { retry: { maxAttempts: 1 } })
      // The task may have been started by a request whose answer was lost, and have ended before the one that was answered.
      if (serverErrors > 0) await pause(seenAfterMs, signal)
      return result
    } catch (error) {
      const status = error instanceof ApiError ? (error.status ?? 0) : undefined
      if (status === undefined || signal.aborted) return { ok: false, id: '', error }
      if (status === 429) await waitOut((error as ApiError).headers?.['retry-after'], undefined, signal)
      else if ((status === 0 || status >= 500) && ++serverErrors < maxServerErrors) await pause(1_000 * serverErrors, signal)
      else return { ok: false, id: '', error }
    }
  }
}

async function startBatch(items: readonly Item[], signal: AbortSignal): Promise<Result[]> {
  for (let serverErrors = 0; ; ) {
    try {
      // The SDK would send a lost request again, and so make a second batch beside the first.
      return (await batch.triggerAndWait([...items], {}, { retry: { maxAttempts: 1 } })).runs
    } catch (error) {
      const failed = (): Result[] => items.map(() => ({ ok: false, id: '', error }))
      if (!(error instanceof BatchTriggerError) || signal.aborted) return failed()
      const status = error.apiError?.status
      if (error.isRateLimited && error.phase === 'create') {
        const most = Number(error.apiError?.headers?.['x-ratelimit-limit'])
        if (most >= 1 && most < items.length) return inParts(items, most, signal)
        await waitOut(error.apiError?.headers?.['retry-after'], error.retryAfterMs, signal)
      } else if (error.phase === 'create' && status !== undefined && status >= 500 && ++serverErrors < maxServerErrors) await pause(1_000 * serverErrors, signal)
      else if (status === undefined || error.phase === 'stream') throw await lost(error, signal)
      else return failed()
    }
  }
}

/** More than the bucket ever holds cannot be asked for at once. */
async function inParts(items: readonly Item[], size: number, signal: AbortSignal): Promise<Result[]> {
  const results: Result[] = []
  for (let first = 0; first < items.length; first += size) results.push(...(await start(items.slice(first, first + size), signal)))
  return results
}

/** Waits that are longer are Trigger.dev's own, which take no compute time. */
const longestPauseMs = 30_000

async function waitOut(retryAfter: string | null | undefined, retryAfterMs: number | undefined, signal: AbortSignal): Promise<void> {
  const ms = Math.max(1_000, readRetryAfter(retryAfter ?? undefined) ?? retryAfterMs ?? 10_000)
  if (ms <= longestPauseMs) await pause(ms, signal)
  else await wait.for({ seconds: Math.ceil(ms / 1_000) })
}

/**
 * By then the worker has seen that the run waits: it looks every 5 seconds. Trigger.dev refuses the end of an attempt from a worker
 * that does not know the run's latest state.
 */
const seenAfterMs = 6_000

async function lost(error: BatchTriggerError, signal: AbortSignal): Promise<AnswerLost> {
  await pause(seenAfterMs, signal)
  return new AnswerLost(error)
}
