import type { CreateBackgroundWorkerRequestBody } from '@trigger.dev/core/v3'

type Manifest = CreateBackgroundWorkerRequestBody['metadata']

/** One version of the code, as the CLI registered it. */
export interface BackgroundWorker {
  readonly id: string
  readonly friendlyId: string
  /** `20261122.1`, `20261122.2`, … */
  readonly version: string
  readonly manifest: Manifest
}

/** The task's entry in the manifest, if the version has that task. */
export function findTask(worker: BackgroundWorker | undefined, task: string) {
  return worker?.manifest.tasks.find(({ id }) => id === task)
}

/** The queue that the task runs on unless the caller names another. */
export function defaultQueueName(worker: BackgroundWorker | undefined, task: string): string {
  return findTask(worker, task)?.queue?.name ?? `task/${task}`
}

/** The queue's limits: for each concurrency key, and for all keys together. Endless where none is set. */
export function queueLimits(worker: BackgroundWorker, queueName: string): { perKey: number; combined: number } {
  const { queues = [], tasks } = worker.manifest
  const queue = queues.find(({ name }) => name === queueName) ?? tasks.find(({ id }) => defaultQueueName(worker, id) === queueName)?.queue
  return { perKey: queue?.concurrencyLimit ?? Infinity, combined: queue?.combinedConcurrencyLimit ?? Infinity }
}

/** Whether the version knows the queue: declared, or some task's own. */
export function hasQueue(worker: BackgroundWorker, queueName: string): boolean {
  const { queues = [], tasks } = worker.manifest
  return queues.some(({ name }) => name === queueName) || tasks.some(({ id }) => defaultQueueName(worker, id) === queueName)
}
