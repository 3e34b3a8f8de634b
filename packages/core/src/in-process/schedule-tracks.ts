import { forManyListeners } from '../engine/stopping.ts'
import type { TrackOutcome, TrackPlan } from '../engine/engine.ts'
import { watchAbort } from '@track-orchestrator/registry/waiting'

/** The signals that `scheduleTracks` gives to its tracks. */
const ofPlans = new WeakSet<AbortSignal>()

/** Whether the signal is that of a plan: `graceMs` after it is aborted, the plan goes on without whatever does not stop, so that no call in it needs a timer of its own. */
export const isLeftBehindByPlan = (signal: AbortSignal): boolean => ofPlans.has(signal)

/**
 * Runs the tracks of a plan here, each as soon as all it waits for has succeeded. Counters, no rescans: O(tracks + dependencies).
 * Resolves with the outcomes in the order of the plan, when everything that was started has ended; after a halt or a
 * cancellation, tracks that go on regardless are left behind `graceMs` later.
 */
export function scheduleTracks(plan: TrackPlan, graceMs: number): Promise<TrackOutcome[]> {
  const { dependencies, dependants } = plan.graph
  const count = dependencies.length
  const outcomes: TrackOutcome[] = Array.from({ length: count })
  const waitingFor = Uint32Array.from(dependencies, ({ length }) => length)
  const room = plan.concurrency ?? Infinity
  const halt = new AbortController()
  ofPlans.add(forManyListeners(halt.signal))

  return new Promise((resolve) => {
    const ready: number[] = []
    let nextReady = 0
    let running = 0
    let left = count
    let stopped = false

    const start = (index: number) => {
      running++
      void plan.runTrack(index, outcomes, halt.signal).then((outcome) => {
        if (outcomes[index]) return // left behind meanwhile
        running--
        settle(index, outcome.status === 'succeeded' && plan.race && halt.signal.aborted ? { status: 'cancelled', durationMs: outcome.durationMs } : outcome)
        pump()
      })
    }

    /** Files an outcome; those that waited for a track without output are settled in turn, without recursion. */
    const settle = (first: number, firstOutcome: TrackOutcome) => {
      outcomes[first] = firstOutcome
      left--
      if (firstOutcome.status === 'succeeded') {
        if (plan.race) halt.abort(new Error(`${plan.graph.names[first]} won`))
        for (const dependant of dependants[first]!) if (--waitingFor[dependant]! === 0) ready.push(dependant)
        return
      }
      if (firstOutcome.status === 'failed' && plan.onTrackFailure === 'stop') stopped = true
      if (firstOutcome.status === 'failed' && plan.onTrackFailure === 'halt') halt.abort(new Error(`${plan.graph.names[first]} failed`))
      const without = [first]
      for (let next = without.pop(); next !== undefined; next = without.pop()) {
        for (const dependant of dependants[next]!) {
          if (outcomes[dependant]) continue
          const outcome: TrackOutcome = halt.signal.aborted ? { status: 'cancelled', durationMs: 0 } : { status: 'skipped', because: plan.graph.names[next]! }
          leaveOut(dependant, outcome)
          without.push(dependant)
        }
      }
    }

    const leaveOut = (index: number, outcome: TrackOutcome) => {
      outcomes[index] = outcome
      left--
      plan.skipTrack(index, outcome)
    }

    const pump = () => {
      while (nextReady < ready.length && running < room) {
        const index = ready[nextReady++]!
        if (outcomes[index]) continue
        if (stopped || halt.signal.aborted) leaveOut(index, { status: 'cancelled', durationMs: 0 })
        else start(index)
      }
      if (running === 0) finish()
    }

    /** Nothing runs and nothing can start: what is left waits for tracks that were cancelled, or is left behind. */
    const finish = () => {
      for (let index = 0; left > 0 && index < count; index++) if (!outcomes[index]) leaveOut(index, { status: 'cancelled', durationMs: 0 })
      clearTimeout(grace)
      unwatch?.()
      resolve(outcomes)
    }

    let grace: NodeJS.Timeout | undefined
    let unwatch: (() => void) | undefined
    halt.signal.addEventListener('abort', () => (grace = setTimeout(finish, graceMs)), { once: true })
    unwatch = watchAbort(plan.signal, () => halt.abort(plan.signal.reason))

    for (let index = 0; index < count; index++) if (waitingFor[index] === 0) ready.push(index)
    pump()
  })
}
