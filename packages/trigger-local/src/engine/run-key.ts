import type { TaskRunStatus } from '@trigger.dev/core/v3'
import type { Engine } from './engine.ts'
import { RequestError } from './request-error.ts'
import type { Run } from './run.ts'

/** A run that ended so gives its key back. A cancelled one does not. */
const givesKeyBack: ReadonlySet<TaskRunStatus> = new Set<TaskRunStatus>([
  'INTERRUPTED', 'COMPLETED_WITH_ERRORS', 'SYSTEM_FAILURE', 'CRASHED', 'TIMED_OUT', 'EXPIRED',
])

const entry = (task: string, key: string) => `${task}\0${key}`

/** The run that the task's key stands for. A key whose time is over, or whose run failed, is given back here. */
export function findByKey(engine: Engine, task: string, key: string | undefined): Run | undefined {
  if (key === undefined) return undefined
  const held = engine.runKeys.get(entry(task, key))
  if (!held) return undefined
  if (held.expiresAt.getTime() > Date.now() && !givesKeyBack.has(held.run.status)) return held.run
  engine.runKeys.delete(entry(task, key))
  return undefined
}

/** From now until the date, the task's key stands for the run. */
export function rememberKey(engine: Engine, run: Run, key: string, expiresAt: Date): void {
  engine.runKeys.set(entry(run.task, key), { run, expiresAt })
}

/** Gives the key back by hand. */
export function resetKey(engine: Engine, task: string, key: string): void {
  if (!engine.runKeys.delete(entry(task, key))) throw new RequestError(`No runs found with idempotency key: ${key} and task: ${task}`, 404)
}
