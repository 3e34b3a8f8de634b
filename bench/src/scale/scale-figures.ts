import type { CloudLimits } from './cloud-engine.ts'
import { quantile, simulate, type Simulated } from './simulate.ts'

const thousand = { runsPerDay: 1_000, peak: 2, minutes: 240 }
const million = { runsPerDay: 1_000_000, peak: 2, minutes: 2 }
const startMs = 500
const pro = { burst: 5_000, perSecond: 100 }
const ample = { burst: 5_000, perSecond: 400 }
/** What is simulated: load, slots, batch tokens. */
const cases = [
  [thousand, { slots: 10, batchTokens: pro, startMs }],
  [thousand, { slots: 50, batchTokens: pro, startMs }],
  [million, { slots: 1_500, batchTokens: pro, startMs }],
  [million, { slots: 800, batchTokens: ample, startMs }],
  [million, { slots: 1_100, batchTokens: ample, startMs }],
  [million, { slots: 1_500, batchTokens: ample, startMs }],
] as const satisfies readonly (readonly [object, CloudLimits])[]

/** What stands in docs/scale.md between its marks, and the plot beside it. Made by a simulation: the same figures every time. */
export async function scaleFigures(): Promise<{ readonly tables: string; readonly plot: string }> {
  const simulated: Simulated[] = []
  for (const [load, limits] of cases) simulated.push(await simulate(load, limits))
  const per = (pick: (one: Simulated) => number) => pick(simulated[0]!) / simulated[0]!.flagships
  const [runs, tokens, waits, events] = [per(({ counts }) => counts.runs), per(({ counts }) => counts.batchTokens), per(({ counts }) => counts.waits), per((one) => one.events)]
  const [busySeconds, kilobytes] = [per(({ counts }) => counts.busyMs) / 1_000, Math.round(per((one) => one.eventBytes) / 1_000)]
  const daily = (each: number) => `${whole(each * 1_000)} | ${whole(each * 1_000_000)}`
  const quantities = [
    '| a day | each | 1,000 | 1,000,000 |',
    '| --- | --- | --- | --- |',
    `| runs of Trigger.dev | ${runs} | ${daily(runs)} |`,
    `| batch tokens | ${tokens} | ${daily(tokens)} |`,
    `| batch tokens a second, at twice the mean | | ${((tokens * 2_000) / 86_400).toFixed(2)} | ${whole((tokens * 2_000_000) / 86_400)} |`,
    `| waits of runs for others | ${waits} | ${daily(waits)} |`,
    `| seconds of work | ${busySeconds.toFixed(1)} | ${daily(busySeconds)} |`,
    `| slots in use, at twice the mean | | ${((busySeconds * 2_000) / 86_400).toFixed(1)} | ${whole((busySeconds * 2_000_000) / 86_400)} |`,
    `| rows in Supabase (events, and one of the run) | ${events + 1} | ${daily(events + 1)} |`,
    `| bytes of their events as JSON | ${kilobytes} kB | ${whole(kilobytes / 1_000 * 1_000)} MB | ${whole(kilobytes)} GB |`,
  ]
  const queueing = [
    '| a day | slots | tokens a second | wait for a slot, p95 | wait for tokens, p95 | from trigger to result, p50 | p95 |',
    '| --- | --- | --- | --- | --- | --- | --- |',
    ...cases.map(([{ runsPerDay }, { slots, batchTokens }], index) => {
      const { counts, durationsMs } = simulated[index]!
      const cells = [quantile(counts.slotWaitsMs, 0.95), quantile(counts.tokenWaitsMs, 0.95), quantile(durationsMs, 0.5), quantile(durationsMs, 0.95)].map((ms) => `${(ms / 1_000).toFixed(1)} s`)
      return `| ${whole(runsPerDay)} | ${whole(slots)} | ${batchTokens.perSecond} | ${cells.join(' | ')} |`
    }),
  ]
  return { tables: `${quantities.join('\n')}\n\n${queueing.join('\n')}\n`, plot: await plotOf([800, 900, 1_000, 1_100, 1_200]) }
}

const whole = (value: number) => Math.round(value).toLocaleString('en')

/** The wait for a slot at a million a day, by the number of slots. */
async function plotOf(slotCounts: readonly number[]): Promise<string> {
  const [widthPx, heightPx, marginPx] = [640, 280, 56]
  const waits: number[] = []
  for (const slots of slotCounts) waits.push(quantile((await simulate(million, { slots, batchTokens: ample, startMs })).counts.slotWaitsMs, 0.95) / 1_000)
  const most = Math.max(...waits)
  const x = (index: number) => Math.round(marginPx + (index * (widthPx - 2 * marginPx)) / (slotCounts.length - 1))
  const y = (seconds: number) => Math.round(heightPx - marginPx - (seconds / most) * (heightPx - 2 * marginPx))
  const points = waits.map((seconds, index) => `${x(index)},${y(seconds)}`).join(' ')
  const labels = slotCounts.map((slots, index) => `<text x="${x(index)}" y="${heightPx - marginPx + 18}" text-anchor="middle">${slots}</text><text x="${x(index)}" y="${y(waits[index]!) - 8}" text-anchor="middle">${waits[index]!.toFixed(1)}</text>`)
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${widthPx} ${heightPx}" role="img" aria-label="Wait for a slot by the number of slots">
<rect width="100%" height="100%" fill="#fff"/>
<g font-family="sans-serif" font-size="12" fill="#222">
<text x="${marginPx}" y="24">Wait for a slot, p95, in seconds: 1,000,000 flagships a day at twice the mean, two minutes from an idle start</text>
<polyline points="${points}" fill="none" stroke="#1f6feb" stroke-width="2"/>
${labels.join('\n')}
<text x="${widthPx / 2}" y="${heightPx - 12}" text-anchor="middle">slots</text>
</g>
</svg>
`
}
