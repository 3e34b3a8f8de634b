import { callKey } from './call-key.ts'
import type { Engine, Question, RunTasksOptions, TaskCall, TaskOutcome } from './engine.ts'

/** The engine, which remembers what succeeded: a track that is walked again does not do it again. */
export function rememberOutcomes(engine: Engine): Engine {
  const known = new Map<string, TaskOutcome>()
  const once = async (call: TaskCall, run: () => Promise<TaskOutcome>): Promise<TaskOutcome> => {
    const key = callKey(call)
    const earlier = known.get(key)
    if (earlier) return earlier
    return keep(key, await run())
  }
  const keep = (key: string, outcome: TaskOutcome): TaskOutcome => {
    if (outcome.status === 'succeeded') known.set(key, outcome)
    return outcome
  }
  const runTasks = async (calls: readonly TaskCall[], options: RunTasksOptions): Promise<TaskOutcome[]> => {
    const { onSettled } = options
    const keys = calls.map((call) => callKey(call))
    const outcomes = keys.map((key) => known.get(key))
    const left = calls.flatMap((_, index) => (outcomes[index] ? [] : [index]))
    for (const [index, outcome] of outcomes.entries()) if (outcome) onSettled?.(index, outcome)
    const fresh = await engine.runTasks(left.map((index) => calls[index]!), { ...options, ...(onSettled && { onSettled: (place: number, outcome: TaskOutcome) => onSettled(left[place]!, outcome) }) })
    for (const [place, index] of left.entries()) outcomes[index] = keep(keys[index]!, fresh[place]!)
    return outcomes as TaskOutcome[]
  }
  return {
    runTask: (call) => once(call, () => engine.runTask(call)),
    runTasks,
    runTracks: (plan) => engine.runTracks(plan),
    ...(engine.wait && { wait: (call: TaskCall) => once(call, () => engine.wait!(call)) }),
    ...(engine.ask && { ask: (call: TaskCall, question: Question) => once(call, () => engine.ask!(call, question)) }),
    ...(engine.hasHandler && { hasHandler: (taskName: string) => engine.hasHandler!(taskName) }),
    ...(engine.time && { time: engine.time }),
  }
}
