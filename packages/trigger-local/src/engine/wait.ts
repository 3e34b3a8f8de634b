import { timeoutError } from '@trigger.dev/core/v3'
import { block } from './block.ts'
import { completeWaitpoint, createWaitpoint } from './complete-waitpoint.ts'
import { dateFrom, keyExpiry } from './duration.ts'
import type { Engine } from './engine.ts'
import { RequestError } from './request-error.ts'
import type { Run } from './run.ts'
import type { Waitpoint } from './waitpoint.ts'

/** How many tags a token may have. */
const tokenTagLimit = 10

interface KeyOptions { readonly idempotencyKey?: string | undefined; readonly idempotencyKeyTTL?: string | undefined }

/** A token that somebody completes by hand; or the one that the key stands for. Without a timeout it waits for ever, whatever the documentation says. */
export function createToken(engine: Engine, options: KeyOptions & { timeout?: string | Date | undefined; tags?: string | string[] | undefined }): { token: Waitpoint; isCached: boolean } {
  const tags = typeof options.tags === 'string' ? [options.tags] : (options.tags ?? [])
  if (tags.length > tokenTagLimit) throw new RequestError(`Waitpoints can only have ${tokenTagLimit} tags, you're trying to set ${tags.length}.`)
  const timeout = dateFrom(options.timeout, 'timeout')
  const { waitpoint: token, isCached } = keyed(engine, options, (key) => createWaitpoint(engine, { type: 'MANUAL', completedAfter: timeout, tags, ...key }))
  if (!isCached) completeWhenDue(engine, token)
  return { token, isCached }
}

/** Makes the run wait until the date. */
export function waitUntil(engine: Engine, run: Run, date: Date, options: KeyOptions): Waitpoint {
  const { waitpoint, isCached } = keyed(engine, options, (key) => createWaitpoint(engine, { type: 'DATETIME', completedAfter: date, ...key }))
  if (!isCached) completeWhenDue(engine, waitpoint)
  block(engine, run, waitpoint)
  return waitpoint
}

/** Lets a date happen when it comes, and a token fail when its timeout is over. */
export function completeWhenDue(engine: Engine, waitpoint: Waitpoint): void {
  const { completedAfter: due, type } = waitpoint
  if (!due) return
  engine.timers.at(due, () => completeWaitpoint(engine, waitpoint, type === 'MANUAL' ? { output: JSON.stringify(timeoutError(due)), outputIsError: true } : {}))
}

/** What the key stands for, or what `make` makes, which it stands for from now on. */
function keyed(engine: Engine, { idempotencyKey, idempotencyKeyTTL }: KeyOptions, make: (key: Partial<Waitpoint>) => Waitpoint): { waitpoint: Waitpoint; isCached: boolean } {
  if (idempotencyKey === undefined) return { waitpoint: make({}), isCached: false }
  const held = engine.waitpointKeys.get(idempotencyKey)
  if (held && held.idempotencyKeyExpiresAt!.getTime() > Date.now()) return { waitpoint: held, isCached: true }
  const waitpoint = make({ idempotencyKey, idempotencyKeyExpiresAt: keyExpiry(idempotencyKeyTTL) })
  engine.waitpointKeys.set(idempotencyKey, waitpoint)
  return { waitpoint, isCached: false }
}
