import { fileURLToPath } from 'node:url'
import { startTriggerCli, startTriggerDevServer, triggerAndWait, type TriggerDevServer } from '@track-orchestrator/trigger-local'
import type { Measurement } from './measurement.ts'

const base = { tenantId: 't', projectId: 'p' }
/** Long ones among short ones: in waves of four, each wave takes as long as its longest. */
const naps = Array.from({ length: 16 }, (_, index) => (index % 4 === 0 ? 1_000 : 100))

const rows: readonly { readonly what: string; readonly ours: string; readonly byHand: string; readonly input: object; readonly rounds: number }[] = [
  { what: 'a chain of 10 tasks', ours: 'OursChain', byHand: 'hand-chain', input: { n: 0 }, rounds: 7 },
  { what: '10 light calls inside one run', ours: 'OursLight', byHand: 'hand-light', input: { n: 0 }, rounds: 15 },
  { what: '3 lanes of 5 tasks', ours: 'OursLanes', byHand: 'hand-lanes', input: { n: 0 }, rounds: 7 },
  { what: 'a graph of 3 x 5 light tracks', ours: 'OursGraph', byHand: 'hand-graph', input: {}, rounds: 7 },
  { what: 'a fan of 100 tasks', ours: 'OursFan', byHand: 'hand-fan', input: { count: 100 }, rounds: 5 },
  { what: '16 uneven items, 4 at once', ours: 'OursUneven', byHand: 'hand-uneven', input: { naps }, rounds: 3 },
]

/** What tracks on Trigger.dev cost against the same work written by hand: one session of the real command, over the local API, in turn. */
export async function measureTrigger(): Promise<Measurement[]> {
  const server = await startTriggerDevServer({ maxConcurrentRuns: 50, batchTokens: { max: 1_200, refill: 1_200, intervalMs: 1_000 } })
  const cli = await startTriggerCli({ projectFolder: fileURLToPath(new URL('./trigger-project', import.meta.url)), server })
  try {
    await cli.ready
    const measurements: Measurement[] = []
    for (const { what, ours, byHand, input, rounds } of rows) {
      // The first starts the processes that the others use.
      for (const name of [ours, byHand, ours, byHand]) await measured(server, name, input)
      const pairs: [Measured, Measured][] = []
      for (let round = 0; round < rounds; round++) pairs.push([await measured(server, ours, input), await measured(server, byHand, input)])
      const [mine, theirs] = [0, 1].map((side) => ({ ms: median(pairs.map((pair) => pair[side]!.ms)), runs: pairs[0]![side]!.runs })) as [Measured, Measured]
      measurements.push({ name: `Trigger.dev, ${what}`, ratio: mine.ms / theirs.ms, limit: 1.15, detail: `${mine.ms.toFixed(0)} ms in ${mine.runs} runs; by hand ${theirs.ms.toFixed(0)} ms in ${theirs.runs}` })
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
}

async function measured(server: TriggerDevServer, name: string, input: object): Promise<Measured> {
  const { id, isSuccess, error } = await triggerAndWait(server, name, { ...base, ...input }, { timeoutMs: 120_000 })
  if (!isSuccess) throw new Error(`${name} failed: ${error?.message}`)
  const { createdAt, completedAt } = server.run(id)!
  return { ms: completedAt!.getTime() - createdAt.getTime(), runs: server.runs().filter(({ root, friendlyId }) => (root?.friendlyId ?? friendlyId) === id).length }
}

const median = (values: readonly number[]) => values.toSorted((a, b) => a - b)[values.length >> 1]!
