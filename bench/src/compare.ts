/** One thing measured against another, in the same process, in turn. */
export interface Comparison {
  readonly name: string
  /** Ours over bare: the median of the rounds, and the quartiles. */
  readonly ratio: number
  readonly quartiles: readonly [number, number]
  /** What the ratio should not exceed. */
  readonly limit: number
  /** Median cost of one unit (a step, a node), in nanoseconds of CPU. */
  readonly bareNs: number
  readonly oursNs: number
}

export interface Subject {
  readonly name: string
  readonly limit: number
  /** Steps or nodes in one call of either. */
  readonly units: number
  bare(): Promise<unknown>
  ours(): Promise<unknown>
}

const rounds = 31
const blockMs = 15

/** Runs both in short blocks, in turn, so that a slow spell of the machine meets both. CPU time, not wall time: other programs do not count. */
export async function compare({ name, limit, units, bare, ours }: Subject): Promise<Comparison> {
  await block(bare)
  await block(ours)
  const samples: { bare: number; ours: number }[] = []
  for (let round = 0; round < rounds; round++) samples.push({ bare: await block(bare), ours: await block(ours) })
  const ratios = samples.map((sample) => sample.ours / sample.bare)
  return {
    name,
    limit,
    ratio: quantile(ratios, 0.5),
    quartiles: [quantile(ratios, 0.25), quantile(ratios, 0.75)],
    bareNs: quantile(samples.map((sample) => sample.bare), 0.5) / units,
    oursNs: quantile(samples.map((sample) => sample.ours), 0.5) / units,
  }
}

/** Nanoseconds of CPU that one call costs, over a block of calls. */
async function block(run: () => Promise<unknown>): Promise<number> {
  const until = performance.now() + blockMs
  const before = process.cpuUsage()
  let calls = 0
  do {
    await run()
    calls++
  } while (performance.now() < until)
  const { user, system } = process.cpuUsage(before)
  return ((user + system) * 1_000) / calls
}

function quantile(values: readonly number[], at: number): number {
  const sorted = values.toSorted((a, b) => a - b)
  return sorted[Math.floor((sorted.length - 1) * at)]!
}
