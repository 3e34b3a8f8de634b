import type { Measurement } from './measurement.ts'

/** Two ways to do the same: the least that can be done, and ours. */
export interface Subject {
  readonly name: string
  readonly limit: number
  /** Steps or nodes in one call of either. */
  readonly units: number
  readonly bare: () => Promise<unknown>
  readonly ours: () => Promise<unknown>
  /** Calls in one block, at the least; default 1. Garbage is collected during a later call: where much is left behind, that is to be one of the same side. */
  readonly callsABlock?: number
}

/** A measurement, and the CPU time of one unit on either side. */
export interface Compared extends Measurement {
  readonly bareNs: number
  readonly oursNs: number
}

const rounds = 31
const blockMs = 15
/** Until V8 has compiled what runs often. */
const warmUpMs = 250

/** Runs both in short blocks, in turn, so that a slow spell of the machine meets both. CPU time, not wall time: other programs do not count. */
export async function compare({ name, limit, units, bare, ours, callsABlock = 1 }: Subject): Promise<Compared> {
  await block(bare, 1, warmUpMs)
  await block(ours, 1, warmUpMs)
  const samples: { bare: number; ours: number }[] = []
  for (let round = 0; round < rounds; round++) samples.push({ bare: await block(bare, callsABlock), ours: await block(ours, callsABlock) })
  const ratios = samples.map((sample) => sample.ours / sample.bare)
  const nsPerUnit = (which: 'bare' | 'ours') => quantile(samples.map((sample) => sample[which]), 0.5) / units
  const [bareNs, oursNs] = [nsPerUnit('bare'), nsPerUnit('ours')]
  const best = Math.min(...samples.map((sample) => sample.ours)) / Math.min(...samples.map((sample) => sample.bare))
  const detail = `${oursNs.toFixed(0)} ns of CPU against ${bareNs.toFixed(0)}; quartiles ${quantile(ratios, 0.25).toFixed(2)} to ${quantile(ratios, 0.75).toFixed(2)}; the best of either ${best.toFixed(2)}`
  return { name, limit, ratio: quantile(ratios, 0.5), detail, bareNs, oursNs }
}

/** Nanoseconds of CPU that one call costs, over a block of calls. */
async function block(run: () => Promise<unknown>, atLeast: number, forMs = blockMs): Promise<number> {
  const until = performance.now() + forMs
  const before = process.cpuUsage()
  let calls = 0
  do {
    await run()
    calls++
  } while (calls < atLeast || performance.now() < until)
  const { user, system } = process.cpuUsage(before)
  return ((user + system) * 1_000) / calls
}

/** The value below which a share of the values lies. */
export function quantile(values: readonly number[], at: number): number {
  const sorted = values.toSorted((a, b) => a - b)
  return sorted[Math.floor((sorted.length - 1) * at)]!
}
