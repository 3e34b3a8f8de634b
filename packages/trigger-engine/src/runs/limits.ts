import type { TimeLimit } from '@track-orchestrator/core/engine'

/** The time limits of the attempts that go on in this process, by run: one of a task's run, and one of each task inside a run that walks. */
const limits = new Map<string, Set<TimeLimit>>()

export function addLimit(runId: string, limit: TimeLimit): void {
  const known = limits.get(runId)
  if (known) known.add(limit)
  else limits.set(runId, new Set([limit]))
}

export function forgetLimits(runId: string): void {
  limits.delete(runId)
}

/** Stops the clocks of a run's tasks while Trigger.dev waits for something, so that waiting takes nothing of their time. */
export function pauseLimits(runId: string): void {
  for (const limit of limits.get(runId) ?? []) limit.pause()
}

/** Lets the clocks go on. */
export function resumeLimits(runId: string): void {
  for (const limit of limits.get(runId) ?? []) limit.resume()
}
