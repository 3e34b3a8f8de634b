import type { RunLog, TrackDefinition } from '@track-orchestrator/core'
import { createRunner, type RunnerOptions } from '@track-orchestrator/core/in-process'
import { defineRegistry, defineTask } from '@track-orchestrator/registry'
import { z } from 'zod'
import { compare } from './compare.ts'
import type { Measurement } from './measurement.ts'

const length = 100
const schema = z.object({ n: z.number(), text: z.string() })
type Value = z.output<typeof schema>
const payload = { tenantId: 't', projectId: 'p', n: 1, text: 'x' }
const tasks = defineRegistry({
  plain: defineTask({ name: 'plain', input: schema, output: schema }),
  limited: defineTask({ name: 'limited', input: schema, output: schema, timeoutMs: 60_000 }),
  each: defineTask({ name: 'each', input: z.object({ n: z.number() }), output: z.object({ n: z.number() }) }),
  list: defineTask({ name: 'list', input: z.any(), output: z.object({ items: z.array(z.object({ n: z.number() })) }) }),
  big: defineTask({ name: 'big', input: z.any(), output: z.any() }),
})
const noop = async (input: Value) => input
const handlers = { plain: noop, limited: noop, each: async (input: { n: number }) => input, list: async () => ({ items: [] }), big: async (input: unknown) => input }
const silent: RunLog = { write: () => {}, flush: () => Promise.resolve() }
const runnerWith = (options: Partial<RunnerOptions<typeof tasks, {}>> = {}) => createRunner({ registry: tasks, handlers, ...options })
const chain = (step: object): TrackDefinition => ({ name: 'Chain', tasks: Array.from({ length }, (_, index) => ({ taskName: 'plain', id: `${index}`, ...step })) })

/** What people add to a step, each against a chain of plain ones, and what a run costs by itself. */
export async function measureSteps(): Promise<Measurement[]> {
  const plainChain = chain({})
  const plain = runnerWith()
  const runPlain = () => plain.runTrack(plainChain, payload)
  const against = (name: string, ours: () => Promise<unknown>) => compare({ name: `a step with ${name}, against a plain one`, limit: 3, units: length, bare: runPlain, ours })
  const followed = runnerWith({ logs: [silent] })
  const oneAtATime = runnerWith({ concurrency: 4 })
  const byTask = runnerWith({ taskConcurrency: { plain: 4 } })
  const mapped = chain({ inputMapper: (prev: Value) => ({ n: prev.n + 1, text: prev.text }) })
  const asked = chain({ when: () => true })
  const forgiven = chain({ onError: 'continue' })
  const timed = chain({ taskName: 'limited' })
  const { signal } = new AbortController()
  const logged = await compare({ name: '', limit: 0, units: length, bare: runPlain, ours: () => followed.runTrack(plainChain, payload) })
  const single: TrackDefinition = { name: 'Single', tasks: [{ taskName: 'plain' }] }
  const alone = await compare({ name: '', limit: 0, units: 1, bare: () => noop(payload), ours: () => plain.runTrack(single, payload) })
  return [
    { name: 'a step with a log that does nothing, over 3 µs', ratio: logged.oursNs / 3_000, limit: 1, detail: `${logged.detail}: two events a step` },
    { name: 'a run of one step, over 3 µs', ratio: alone.oursNs / 3_000, limit: 1, detail: alone.detail },
    await against('a signal', () => plain.runTrack(plainChain, payload, { signal })),
    await against('a mapper', () => plain.runTrack(mapped, payload)),
    await against('when', () => plain.runTrack(asked, payload)),
    await against('onError', () => plain.runTrack(forgiven, payload)),
    await against('a time limit', () => plain.runTrack(timed, payload)),
    await against('a concurrency limit of the engine', () => oneAtATime.runTrack(plainChain, payload)),
    await against('a concurrency limit of its task', () => byTask.runTrack(plainChain, payload)),
    ...(await measureFans(plain)),
    await measureBigOutput(plain, followed),
  ]
}

async function measureFans(runner: ReturnType<typeof runnerWith>): Promise<Measurement[]> {
  const wide = 1_000
  const item: TrackDefinition = { name: 'Item', tasks: [{ taskName: 'plain' }] }
  const composite = { name: 'Composite', type: 'composite' as const, tasks: [], subTracks: Array.from({ length: wide }, (_, index) => ({ ...item, name: `Item${index}` })), mergeStrategy: (outputs: readonly unknown[]) => ({ count: outputs.length }) }
  const all = async () => ({ count: (await Promise.all(Array.from({ length: wide }, async () => schema.parse(await noop(schema.parse({ n: 1, text: 'x' })))))).length })
  const fan = (count: number, concurrency?: number): TrackDefinition => ({ name: 'Fan', tasks: [{ taskName: 'each', forEach: () => Array.from({ length: count }, (_, n) => ({ n })), ...(concurrency && { concurrency }) }] })
  const [few, many] = [fan(10_000, 64), fan(100_000, 64)]
  const free = fan(wide)
  const small = z.object({ n: z.number() })
  const bareFan = () => Promise.all(Array.from({ length: wide }, async (_, n) => small.parse(await handlers.each(small.parse({ n })))))
  const growth = await compare({ name: '', limit: 0, units: 1, bare: () => runner.runTrack(few, payload), ours: () => runner.runTrack(many, payload) })
  return [
    await compare({ name: 'a composite track of 1,000, against Promise.all', limit: 10, units: wide, bare: all, ours: () => runner.runTrack(composite, payload) }),
    await compare({ name: 'forEach of 1,000 items, against Promise.all', limit: 10, units: wide, bare: bareFan, ours: () => runner.runTrack(free, payload) }),
    { name: 'forEach of 100,000 items, 64 at once, over ten times that of 10,000', ratio: growth.ratio / 10, limit: 2, detail: growth.detail },
  ]
}

/** Ten steps that hand on 10 MB: a log that asks for no sizes adds nothing that grows with them. */
async function measureBigOutput(plain: ReturnType<typeof runnerWith>, followed: ReturnType<typeof runnerWith>): Promise<Measurement> {
  const track: TrackDefinition = { name: 'Big', tasks: Array.from({ length: 10 }, (_, index) => ({ taskName: 'big', id: `${index}` })) }
  const big = { tenantId: 't', projectId: 'p', rows: Array.from({ length: 50_000 }, (_, index) => ({ index, text: 'x'.repeat(180) })) }
  return compare({ name: 'ten steps that hand on 10 MB, with a log, against without', limit: 1.2, units: 10, bare: () => plain.runTrack(track, big), ours: () => followed.runTrack(track, big) })
}
