import { bindRunner } from '@track-orchestrator/core/engine'
import { toEventRow } from '@track-orchestrator/supabase-logger'
import type { RunEvent } from '@track-orchestrator/core'
import { CloudEngine, type CloudCounts, type CloudLimits } from './cloud-engine.ts'
import { flagship, recordedMs, tasks } from './flagship.ts'
import { VirtualTime } from './virtual-time.ts'

export interface Load {
  readonly runsPerDay: number
  /** How much more than the day's mean comes in the time that is simulated. */
  readonly peak: number
  readonly minutes: number
}

export interface Simulated {
  readonly flagships: number
  readonly counts: CloudCounts
  /** From the trigger to the result, in milliseconds, in ascending order. */
  readonly durationsMs: readonly number[]
  readonly events: number
  /** Of the events as JSON rows. */
  readonly eventBytes: number
}

/** Flagships that arrive at random, so many a day, against limits. The same seed, the same figures. */
export async function simulate({ runsPerDay, peak, minutes }: Load, limits: CloudLimits): Promise<Simulated> {
  const time = new VirtualTime()
  const engine = new CloudEngine(time, limits, (name) => recordedMs[name]!)
  let [events, eventBytes] = [0, 0]
  const log = {
    write(event: RunEvent) {
      events++
      // The first thousand say how large the rest are.
      if (events <= 1_000) eventBytes += JSON.stringify(toEventRow(event)).length
    },
    flush: () => Promise.resolve(),
  }
  const runner = bindRunner<typeof tasks, object>((context) => ({ engine, registry: tasks, logs: [log], ...context }))
  const random = seeded(20_261_126)
  const perMs = (runsPerDay * peak) / 86_400_000
  const durationsMs: number[] = []
  const runs: Promise<void>[] = []
  for (let at = -Math.log(1 - random()) / perMs; at < minutes * 60_000; at -= Math.log(1 - random()) / perMs) {
    const startsAt = at
    runs.push((async () => {
      await time.sleep(startsAt)
      await engine.begin()
      await runner.runOrchestrator(flagship, { tenantId: 't', projectId: 'p' })
      durationsMs.push(time.now - startsAt)
    })())
  }
  await Promise.all([time.run(), ...runs])
  // A task that a handler calls tells its beginning and its end; here the engine plays them unseen.
  const unseen = 2 * runs.length * Object.values(recordedMs).reduce((sum, { children = [] }) => sum + children.length, 0)
  const eventBytesEach = eventBytes / Math.min(events, 1_000)
  events += unseen
  return { flagships: runs.length, counts: engine.counts, durationsMs: durationsMs.toSorted((a, b) => a - b), events, eventBytes: eventBytesEach * events }
}

/** The value below which so much of a list lies; 0 for none. */
export function quantile(values: readonly number[], part: number): number {
  const sorted = values.toSorted((a, b) => a - b)
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * part))] ?? 0
}

/** From 0 up to 1, always the same ones: a linear congruential generator (Numerical Recipes). */
function seeded(seed: number): () => number {
  let state = seed >>> 0
  return () => (state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0) / 2 ** 32
}
