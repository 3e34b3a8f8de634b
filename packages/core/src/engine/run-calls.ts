import type { RunTasksOptions, TaskCall, TaskOutcome } from './engine.ts'
import { failedCall, isStarted, notStarted } from './failed-call.ts'
import { cancelled } from './stopping.ts'

/**
 * Runs calls side by side in this process, so many at once: as one ends, the next begins. `run` runs one of them, and never rejects;
 * `isStopped` tells it whether another has failed meanwhile that stops it, where it does not begin at once.
 */
export async function runCalls(
  calls: readonly TaskCall[],
  { concurrency = Infinity, onFailure, onSettled }: RunTasksOptions,
  run: (call: TaskCall, isStopped: () => boolean) => TaskOutcome | Promise<TaskOutcome>,
): Promise<TaskOutcome[]> {
  const outcomes: TaskOutcome[] = Array.from({ length: calls.length })
  let next = 0
  let stopped = false
  const isStopped = () => stopped
  const work = async () => {
    while (next < calls.length && !stopped) {
      const index = next++
      const call = calls[index]!
      if (call.signal.aborted) {
        outcomes[index] = failedCall(call, cancelled(call.contract.name, call.signal), 0)
        continue
      }
      const observer = call.nested ? call.observer : undefined // of a step's own calls the step tells
      observer?.started?.()
      const ended = run(call, isStopped)
      const outcome = ended instanceof Promise ? await ended : ended
      outcomes[index] = outcome
      observer?.ended?.(outcome)
      if (isStarted(outcome)) onSettled?.(index, outcome)
      if (onFailure === 'stop' && outcome.status === 'failed') stopped = true
    }
  }
  await Promise.all(Array.from({ length: Math.min(concurrency, calls.length) }, work))
  for (; next < calls.length; next++) outcomes[next] = notStarted(calls[next]!)
  return outcomes
}
