import { DefinitionError, type RetryPolicy, type TaskPlacement } from '@track-orchestrator/registry'
import { checkOptions, flag, oneOf, retryPolicy, shape, text, wholeNumber } from '@track-orchestrator/registry/options'

/** What may be said of a task, track or orchestrator beside what its contract says. */
export interface Overrides extends TaskPlacement {
  /** How long a run may wait in its queue before it expires, in seconds, up to 14 days. Default: Trigger.dev's, in development 10 minutes. */
  readonly ttlSeconds?: number
  /**
   * How many runs may go on at once, for each `concurrencyKey` and for all together; whole numbers from 1. Only with `serverVersion` 4.7 or later:
   * earlier servers would pass over it. Not beside `queue.concurrencyLimit`, which is the same as `perKey`.
   */
  readonly concurrency?: { readonly perKey?: number; readonly total?: number }
  /** Of a task: a track or orchestrator is not tried again as a whole. */
  readonly retry?: RetryPolicy
}

/** Trigger.dev's machines (https://trigger.dev/docs/machines). */
const machines = ['micro', 'small-1x', 'small-2x', 'medium-1x', 'medium-2x', 'large-1x', 'large-2x'] as const

/** Checks what is said of one task, track or orchestrator. Throws `DefinitionError` for what cannot be, and for what would have no effect. */
export function checkOverride(owner: string, override: Overrides, of: 'task' | 'track' | 'orchestrator'): Overrides {
  const checked = checkOptions<Overrides>(owner, override, {
    machine: oneOf(...machines),
    queue: shape({ name: text({ maxLength: 128 }), concurrencyLimit: wholeNumber({ from: 1 }) }),
    concurrencyKey: oneOf('tenantId', 'projectId', 'userId'),
    maxDurationSeconds: wholeNumber({ from: 5 }),
    ttlSeconds: wholeNumber({ from: 1, to: 1_209_600 }),
    concurrency: shape({ perKey: wholeNumber({ from: 1 }), total: wholeNumber({ from: 1 }) }),
    retry: retryPolicy,
    inline: flag,
  }) as Overrides
  if (checked.inline === true && checked.ttlSeconds !== undefined) throw new DefinitionError(`${owner}.ttlSeconds has no effect: a task that is inline waits in no queue. Take one of the two away.`)
  checkConcurrency(owner, checked)
  if (of === 'task') return checked
  if (checked.retry) throw new DefinitionError(`${owner}.retry has no effect: a track or orchestrator is not tried again as a whole. Give retry to its steps, or to its tasks.`)
  if (checked.inline !== undefined) throw new DefinitionError(`${owner}.inline has no effect: tasks can run inside another run, tracks and orchestrators cannot. Give it to the tasks.`)
  if (of === 'orchestrator' && checked.concurrencyKey) throw new DefinitionError(`${owner}.concurrencyKey has no effect: it is honoured where one run starts another. Give it to the tracks or tasks, and your backend the option concurrencyKey.`)
  return checked
}

function checkConcurrency(owner: string, { concurrency, queue, inline }: Overrides): void {
  if (!concurrency) return
  if (inline === true) throw new DefinitionError(`${owner}.concurrency has no effect: a task that is inline waits in no queue. Take one of the two away.`)
  if (concurrency.perKey === undefined && concurrency.total === undefined) throw new DefinitionError(`${owner}.concurrency has no effect: give it perKey, total, or both.`)
  if (queue?.concurrencyLimit !== undefined) throw new DefinitionError(`${owner}: concurrency and queue.concurrencyLimit both say how many may go on at once. Take queue.concurrencyLimit away: it means the same as concurrency: { perKey: ${queue.concurrencyLimit} }.`)
}
