import { findTask, type BackgroundWorker } from './background-worker.ts'
import type { Engine } from './engine.ts'
import { RequestError } from './request-error.ts'
import type { Run } from './run.ts'
import type { TriggerOptions } from './trigger-request.ts'

/** A limit of which a run holds a place while it goes on: for each concurrency key, and for all keys together. Endless where it says nothing. */
export interface TaskLimit {
  readonly name: string
  readonly perKey: number
  readonly total: number
}

/** The limits that a run of the task needs a place of: the task's own, and the named ones that the task, or in its stead the caller, names. */
export function taskLimits({ version }: Engine, worker: BackgroundWorker, { task, options }: Pick<Run, 'task' | 'options'>): TaskLimit[] {
  if (!version.hasTaskLimits) return []
  const { inline, limits = [] } = findTask(worker, task)?.concurrency ?? {}
  const named = (options.concurrency ?? limits).flatMap((name) => worker.manifest.concurrencyLimits?.filter((limit) => limit.name === name) ?? [])
  return [...(inline ? [{ ...inline, name: `task/${task}` }] : []), ...named].map(({ name, perKey = Infinity, total = Infinity }) => ({ name, perKey, total }))
}

/** Refuses a name that no limit of the caller's version has. */
export function checkLimitNames({ version }: Engine, worker: BackgroundWorker | undefined, { concurrency = [] }: TriggerOptions): void {
  if (!version.hasTaskLimits || !worker) return
  const unknown = concurrency.find((name) => !worker.manifest.concurrencyLimits?.some((limit) => limit.name === name))
  if (unknown !== undefined) throw new RequestError(`Concurrency limit '${unknown}' not found.`)
}
