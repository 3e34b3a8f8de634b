import { announce, type Engine, latestWorker } from './engine.ts'
import { block } from './block.ts'
import { createRun } from './create-run.ts'
import { dateFrom, keyExpiry } from './duration.ts'
import { defaultQueueName, findTask, hasQueue } from './background-worker.ts'
import { enqueue } from './queue.ts'
import { findByKey, rememberKey } from './run-key.ts'
import { RequestError } from './request-error.ts'
import { isFinal, type Run } from './run.ts'
import { checkLimitNames } from './task-limits.ts'
import type { TriggerOptions, TriggerRequest } from './trigger-request.ts'
import { stringifyDuration } from '@trigger.dev/core/v3/isomorphic'

/** How many tags a run may have. */
const tagLimit = 10

/**
 * Makes a run and queues it, or joins the run that the idempotency key stands for. With `resumeParentOnCompletion` the parent
 * waits for that run, whoever made it. Of a joined run the first caller's payload counts.
 */
export function triggerRun(engine: Engine, request: TriggerRequest): { run: Run; isCached: boolean } {
  const { task, options = {}, batch } = request
  const parent = options.parentRunId === undefined ? undefined : engine.runs.get(options.parentRunId)
  const waits = options.resumeParentOnCompletion === true ? parent : undefined
  if (waits && isFinal(waits)) throw new RequestError(`Cannot trigger ${task} as the parent run has a status of ${waits.status}`)
  const wait = (run: Run) => waits && block(engine, waits, run.waitpoint, batch ? { batchId: batch.id, index: batch.index } : {})

  const joined = findByKey(engine, task, options.idempotencyKey)
  if (joined) {
    announce(engine, { type: 'run.joined', id: joined.friendlyId, task })
    wait(joined)
    return { run: joined, isCached: true }
  }
  checkLimitNames(engine, latestWorker(engine), options)
  const delayUntil = dateFrom(options.delay, 'delay')
  const run = createRun(engine, request, { parent, tags: tagsFrom(options), queueName: queueFor(engine, task, options), delayUntil, ttl: ttlOf(engine, task, options) })
  if (options.idempotencyKey !== undefined) rememberKey(engine, run, options.idempotencyKey, keyExpiry(options.idempotencyKeyTTL))
  wait(run)
  enqueue(engine, run, 'Run was created')
  return { run, isCached: false }
}

function tagsFrom({ tags = [] }: TriggerOptions): string[] {
  const list = typeof tags === 'string' ? [tags] : tags
  if (list.length > tagLimit) throw new RequestError(`Runs can only have ${tagLimit} tags, you're trying to set ${list.length}.`)
  return list.filter((tag) => tag.trim() !== '')
}

/** A caller that waits is locked to its own version: there the task and the queue must exist. Others may be ahead of the code. */
function queueFor(engine: Engine, task: string, { queue, lockToVersion }: TriggerOptions): string {
  if (lockToVersion === undefined) return queue?.name ?? defaultQueueName(latestWorker(engine), task)
  const worker = engine.workers.find(({ version }) => version === lockToVersion)
  if (!worker) throw new RequestError(`Task locked to version '${lockToVersion}', but no worker found with that version.`)
  if (queue) {
    if (!hasQueue(worker, queue.name)) throw new RequestError(`Specified queue '${queue.name}' not found or not associated with locked version '${lockToVersion}'.`)
    return queue.name
  }
  if (!findTask(worker, task)) throw new RequestError(`Task '${task}' not found on locked version '${lockToVersion}'.`)
  return defaultQueueName(worker, task)
}

/** The caller's, else the task's, else the ten minutes of a development environment. */
function ttlOf(engine: Engine, task: string, options: TriggerOptions): string | undefined {
  const ttl = options.ttl ?? findTask(latestWorker(engine), task)?.ttl ?? '10m'
  const text = typeof ttl === 'number' ? stringifyDuration(ttl) : ttl
  dateFrom(text, 'ttl')
  return text
}
