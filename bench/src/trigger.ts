import { setTimeout as delay } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { startTriggerCli, startTriggerDevServer, triggerAndWait, type TriggerDevServer } from '@track-orchestrator/trigger-local'
import type { Measurement } from './measurement.ts'
import { countRequests } from './requests.ts'
import { criticalPathMs } from './trigger-project/uneven-graph.ts'

const base = { tenantId: 't', projectId: 'p' }
/** Long ones among short ones: in waves of four, each wave takes as long as its longest. */
const naps = Array.from({ length: 16 }, (_, index) => (index % 4 === 0 ? 1_000 : 100))

interface Row {
  readonly what: string
  readonly ours: string
  readonly byHand: string
  readonly input: object
  readonly rounds: number
  /** What ours is measured against, in milliseconds, where that is not the same by hand. */
  readonly leastMs?: number
}

const rows: readonly Row[] = [
  { what: 'a chain of 10 tasks', ours: 'OursChain', byHand: 'hand-chain', input: { n: 0 }, rounds: 7 },
  { what: '10 light calls inside one run', ours: 'OursLight', byHand: 'hand-light', input: { n: 0 }, rounds: 15 },
  { what: '3 lanes of 5 tasks', ours: 'OursLanes', byHand: 'hand-lanes', input: { n: 0 }, rounds: 7 },
  { what: 'a graph of 3 x 5 light tracks', ours: 'OursGraph', byHand: 'hand-graph', input: {}, rounds: 7 },
  { what: 'a fan of 100 tasks', ours: 'OursFan', byHand: 'hand-fan', input: { count: 100 }, rounds: 5 },
  { what: '16 uneven items, 4 at once', ours: 'OursUneven', byHand: 'hand-uneven', input: { naps }, rounds: 3 },
  { what: '16 uneven items that are tracks, 4 at once', ours: 'OursUnevenItems', byHand: 'hand-uneven', input: { naps }, rounds: 3 },
  { what: 'a graph of uneven tracks', ours: 'OursUnevenGraph', byHand: 'hand-uneven-graph', input: {}, rounds: 3, leastMs: criticalPathMs },
]

/** So long after a run its telemetry has arrived. Milliseconds. */
const settleMs = 300

/** What tracks on Trigger.dev cost against the same work written by hand: one session of the real command, over the local API, in turn. */
export async function measureTrigger(): Promise<Measurement[]> {
  const server = await startTriggerDevServer({ maxConcurrentRuns: 50, batchTokens: { max: 1_200, refill: 1_200, intervalMs: 1_000 } })
  const cli = await startTriggerCli({ projectFolder: fileURLToPath(new URL('./trigger-project', import.meta.url)), server })
  try {
    await cli.ready
    const measurements: Measurement[] = []
    for (const { what, ours, byHand, input, rounds, leastMs } of rows) {
      // The first starts the processes that the others use.
      for (const name of [ours, byHand, ours, byHand]) await measured(server, name, input)
      const pairs: [Measured, Measured][] = []
      for (let round = 0; round < rounds; round++) pairs.push([await measured(server, ours, input), await measured(server, byHand, input)])
      const [mine, theirs] = [0, 1].map((side) => typical(pairs.map((pair) => pair[side]!))) as [Measured, Measured]
      const told = leastMs === undefined ? `by hand ${tell(theirs)}` : `its critical path ${leastMs} ms; by hand, level after level, ${tell(theirs)}`
      measurements.push({ name: `Trigger.dev, ${what}`, ratio: mine.ms / (leastMs ?? theirs.ms), limit: 1.15, detail: `${tell(mine)}; ${told}` })
    }
    return measurements
  } finally {
    await cli.stop()
    await server.close()
  }
}

interface Measured {
  readonly ms: number
  readonly runs: number
  readonly requests: number
}

const tell = ({ ms, runs, requests }: Measured) => `${ms.toFixed(0)} ms, ${runs} ${runs === 1 ? 'run' : 'runs'}, ${requests} requests`

async function measured(server: TriggerDevServer, name: string, input: object): Promise<Measured> {
  const requests = countRequests()
  try {
    const { id, isSuccess, error } = await triggerAndWait(server, name, { ...base, ...input }, { timeoutMs: 120_000 })
    if (!isSuccess) throw new Error(`${name} failed: ${error?.message}`)
    await delay(settleMs)
    const { createdAt, completedAt } = server.run(id)!
    return { ms: completedAt!.getTime() - createdAt.getTime(), runs: server.runs().filter(({ root, friendlyId }) => (root?.friendlyId ?? friendlyId) === id).length, requests: requests.counted() }
  } finally {
    requests.stop()
  }
}

/** The time of the one in the middle, and its counts: they differ by a few, since who waits asks again every few seconds. */
function typical(values: readonly Measured[]): Measured {
  return values.toSorted((one, other) => one.ms - other.ms)[values.length >> 1]!
}
