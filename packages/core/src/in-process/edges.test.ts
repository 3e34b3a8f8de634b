import { DefinitionError, defineRegistry, defineTask, TerminalError, type TaskContext } from '@track-orchestrator/registry'
import { setTimeout as delay } from 'node:timers/promises'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { expect, test, vi } from 'vitest'
import { z } from 'zod'
import type { CompositeTrackDefinition, TrackDefinition, TrackTaskDefinition } from '../definition/definition.ts'
import type { RunEvent } from '../log/run-event.ts'
import { failureOf } from '../testing/failure-of.ts'
import { createRunner } from './create-runner.ts'
import type { InProcessOptions } from './in-process-engine.ts'

// What strangers' numbers, names, handlers and cancellations do to the in-process engine, where only it can show it.

const open = z.looseObject({})
const leaf = defineTask({ name: 'leaf', input: open, output: open, retry: { maxAttempts: 1 } })
const tasks = defineRegistry({
  leaf,
  work: defineTask({ name: 'work', input: open, output: open, retry: { maxAttempts: 1 } }),
  slow: defineTask({ name: 'slow', input: open, output: open, timeoutMs: 20, retry: { maxAttempts: 1 } }),
  constructor: defineTask({ name: 'constructor', input: open, output: open }),
  toString: defineTask({ name: 'toString', input: open, output: open }),
})
type Handler = (input: any, context: TaskContext) => unknown
const runnerWith = (handlers: Record<string, Handler>, options: object = {}) => createRunner({ registry: tasks, handlers: handlers as InProcessOptions<typeof tasks>['handlers'], defaults: { tenantId: 't', projectId: 'p' }, graceMs: 10, ...options })
const track = (...steps: TrackTaskDefinition[]): TrackDefinition => ({ name: 'Track', tasks: steps })

test.each([
  [{ concurrency: 0 }, 'createRunner: concurrency must be a whole number from 1 up, not 0.'],
  [{ concurrency: Number.NaN }, 'concurrency must be'],
  [{ taskConcurrency: { leaf: 0.5 } }, 'createRunner: taskConcurrency.leaf must be'],
  [{ retry: { maxAttempts: Number.NaN } }, 'createRunner: retry.maxAttempts must be'],
  [{ graceMs: -1 }, 'createRunner: graceMs must be'],
  [{ graceMs: 30 * 86_400_000 }, 'Timers of more than'],
  [{ logs: [{}] }, 'createRunner: logs[0] must be an object with write(), flush()'],
  [{ concurency: 2 }, 'createRunner: concurency is no option. Did you mean "concurrency"?'],
])('createRunner refuses %j when it is given', (options, message) => {
  expect(() => runnerWith({}, options)).toThrow(DefinitionError)
  expect(() => runnerWith({}, options)).toThrow(message)
})

test('undefined options mean the default', async () => {
  let attempts = 0
  const runner = runnerWith({ work: () => Promise.reject(new Error(`${++attempts}`)) }, { concurrency: undefined, graceMs: undefined, retry: { maxAttempts: undefined, minDelayMs: 0, maxDelayMs: 0 } })
  await failureOf(runner.runTrack(track({ taskName: 'work', retry: { maxAttempts: undefined } })))
  expect(attempts).toBe(1) // as the contract says
  await failureOf(runner.runTrack(track({ taskName: 'work', retry: { maxAttempts: 3, minDelayMs: 0, maxDelayMs: 0 } })))
  expect(attempts).toBe(4)
})

test('the context of a run is checked, too', async () => {
  const runner = runnerWith({})
  await expect(async () => runner.runTrack(track(), {}, { singal: new AbortController().signal } as object)).rejects.toThrow('singal is no option. Did you mean "signal"?')
})

test.each([[{ concurrency: 0 }], [{ concurrency: Number.NaN }], [{ concurency: 1 }]])('runTasks refuses %j', async (options) => {
  const runner = runnerWith({ leaf: () => ({}), work: (_input, { runTasks }) => runTasks([{ task: leaf, input: {} }], options as { concurrency?: number }) })
  expect(await failureOf(runner.runTrack(track({ taskName: 'work' })))).toMatchObject({ code: 'definition_invalid', retryable: false, place: { step: 'work' } })
})

class Handlers {
  readonly #answer = 42
  work() {
    return { answer: this.#answer }
  }
}

test('handlers may be an instance of a class: each keeps its this', async () => {
  expect(await runnerWith(new Handlers() as never).runTrack(track({ taskName: 'work' }))).toEqual({ answer: 42 })
})

test.each(['constructor', 'toString'])('a task called %s has a handler only where it was given one', async (taskName) => {
  expect(await failureOf(runnerWith({}).runTrack(track({ taskName })))).toMatchObject({ code: 'handler_missing', place: { track: 'Track', step: taskName, taskName } })
  expect(await failureOf(runnerWith(new Handlers() as never).runTrack(track({ taskName })))).toMatchObject({ code: 'handler_missing' })
  expect(await runnerWith({ [taskName]: () => ({ own: true }) }).runTrack(track({ taskName }))).toEqual({ own: true })
})

test('a missing handler is told before anything runs, wherever in the definition it is missing', async () => {
  const work = vi.fn<Handler>((input: unknown) => input)
  const runner = runnerWith({ work })
  const inner = { name: 'Inner', tasks: [{ taskName: 'leaf' }] }
  const last: TrackTaskDefinition[] = [{ taskName: 'leaf' }, { taskName: 'leaf', forEach: () => [] }, { taskName: 'Inner', track: inner }, { taskName: 'leaf', when: () => false }]
  for (const step of last) expect(await failureOf(runner.runTrack(track({ taskName: 'work' }, step)))).toMatchObject({ code: 'handler_missing', retryable: false, place: { taskName: 'leaf' } })
  const orchestrator = { name: 'All', tracks: [track({ taskName: 'work' })], finalTask: { taskName: 'leaf' } }
  expect(await runner.settleOrchestrator(orchestrator)).toMatchObject({ status: 'failed', error: { code: 'handler_missing', place: { track: 'All', step: 'leaf' } }, tracks: {} })
  expect(work).not.toHaveBeenCalled()
})

test('of the tasks that a handler asks for none runs where one has no handler', async () => {
  const leafHandler = vi.fn<Handler>(() => ({}))
  const slow = tasks.slow
  const runner = runnerWith({ leaf: leafHandler, work: (_input, { runTasks }) => runTasks<typeof leaf | typeof slow>([{ task: leaf, input: {} }, { task: slow, input: {} }]) })
  expect(await failureOf(runner.runTrack(track({ taskName: 'work' })))).toMatchObject({ code: 'handler_missing' })
  expect(leafHandler).not.toHaveBeenCalled()
})

test('a call that waits for its place is cancelled at once, and the place goes to the next', async () => {
  let finish = () => {}
  const blocked = new Promise<void>((resolve) => (finish = resolve))
  const calls: string[] = []
  const runner = runnerWith({ work: async ({ name }) => { calls.push(name as string); await blocked; return {} } }, { concurrency: 1 })
  const controller = new AbortController()
  const run = (name: string, context = {}) => runner.settleTrack(track({ taskName: 'work' }), { name }, context)
  const first = run('first')
  const second = run('second', { signal: controller.signal })
  const third = run('third')
  await delay(1)
  controller.abort()
  expect(await second).toMatchObject({ status: 'cancelled' })
  finish()
  expect([(await first).status, (await third).status]).toEqual(['succeeded', 'succeeded'])
  expect(calls).toEqual(['first', 'third'])
})

test('an answer that comes after its time limit has timed out, also where the process was too busy to tell it', async () => {
  const busy = () => {
    for (const until = performance.now() + 60; performance.now() < until; );
    return {}
  }
  expect(await failureOf(runnerWith({ slow: busy }).runTrack(track({ taskName: 'slow' })))).toMatchObject({ code: 'timed_out' })
})

test('what a handler that was left behind does later harms nobody', async () => {
  const events: RunEvent[] = []
  let late: Promise<unknown> | undefined
  let goOn = () => {}
  const leftBehind = new Promise<void>((resolve) => (goOn = resolve))
  const slow: Handler = (_input, { log, progress, runTasks }) => {
    late = (async () => {
      await leftBehind
      log.info('too late')
      progress(1)
      await runTasks([{ task: leaf, input: {} }]).catch((error: unknown) => events.push(error as never))
      throw new Error('nobody waits for this')
    })()
    return late
  }
  const logs = [{ write: (event: RunEvent) => void events.push(event), flush: async () => {} }]
  expect(await failureOf(runnerWith({ slow, leaf: () => ({}) }, { logs }).runTrack(track({ taskName: 'slow' })))).toMatchObject({ code: 'timed_out' })
  const told = events.length
  goOn()
  await expect(late).rejects.toThrow('nobody waits')
  expect(events.slice(told)).toMatchObject([{ code: 'cancelled' }])
})

test('a handler that does not wait for its runTasks has their failure to itself', async () => {
  const runner = runnerWith({ leaf: () => Promise.reject(new TerminalError('no')), work: (_input, { runTasks }) => { void runTasks([{ task: leaf, input: {} }]); return {} } })
  expect(await runner.runTrack(track({ taskName: 'work' }))).toEqual({})
  await delay(5) // an unhandled rejection would fail this test file
})

test('a failing item keeps what the others came to', async () => {
  const runner = runnerWith({ work: ({ n }: { n: number }) => { if (n === 17) throw new TerminalError('seventeen'); return { n } } })
  const error = await failureOf(runner.runTrack(track({ taskName: 'work', forEach: () => Array.from({ length: 50 }, (_, n) => ({ n })) })))
  expect(error).toMatchObject({ code: 'terminal', place: { track: 'Track', step: 'work', attempt: 1, item: 17 } })
  expect(error.items).toHaveLength(50)
  expect(error.items![16]).toEqual({ status: 'succeeded', output: { n: 16 } })
  expect(error.items![17]).toMatchObject({ status: 'failed', error: { message: 'seventeen', place: { item: 17 } } })
})

test('where items stop at a failure, those that were not started are told apart', async () => {
  const runner = runnerWith({ work: async ({ n }: { n: number }) => { await delay(1); if (n === 1) throw new TerminalError('one'); return {} } }, { concurrency: 1 })
  const error = await failureOf(runner.runTrack(track({ taskName: 'work', onItemError: 'halt', forEach: () => Array.from({ length: 4 }, (_, n) => ({ n })) })))
  expect(error).toMatchObject({ message: 'one', place: { item: 1 } })
  expect(error.items!.map(({ status }) => status)).toEqual(['succeeded', 'failed', 'cancelled', 'cancelled'])
})

test('a hundred composite tracks side by side under one signal warn of nothing', async () => {
  const warnings: Error[] = []
  const onWarning = (warning: Error) => warnings.push(warning)
  process.on('warning', onWarning)
  const runner = runnerWith({ work: async (input) => { await delay(1); return input as object } })
  const composite: CompositeTrackDefinition = { name: 'Both', type: 'composite', tasks: [], subTracks: [track({ taskName: 'work' }), { name: 'Other', tasks: [{ taskName: 'work' }] }] }
  const { signal } = new AbortController()
  await Promise.all(Array.from({ length: 100 }, () => runner.runTrack(composite, {}, { signal })))
  await runner.runTrack(track({ taskName: 'Both', track: composite, forEach: () => Array.from({ length: 100 }, () => ({})) }), {}, { signal })
  await delay(1)
  process.off('warning', onWarning)
  expect(warnings).toEqual([])
})

test.each([['with', { signal: new AbortController().signal }], ['without', {}]])('as many handlers as run side by side may listen to the signal of a run %s one of its own, and Node warns of nothing', async (_which, context) => {
  const warnings: Error[] = []
  const onWarning = (warning: Error) => warnings.push(warning)
  process.on('warning', onWarning)
  const runner = runnerWith({ work: async (_input, { signal }) => { signal.addEventListener('abort', () => {}); await delay(1); return {} } })
  const items = { forEach: () => Array.from({ length: 20 }, () => ({})) }
  const inner = track({ taskName: 'work', ...items })
  const composite: CompositeTrackDefinition = { name: 'Both', type: 'composite', tasks: [{ taskName: 'work', timeoutMs: 60_000 }], subTracks: [inner] }
  await runner.runTrack(composite, {}, context)
  await runner.runTrack(inner, {}, context)
  await delay(1)
  process.off('warning', onWarning)
  expect(warnings).toEqual([])
})

test('listeners that handlers leave behind are let go in the end', async () => {
  const signals = new Set<AbortSignal>()
  const runner = runnerWith({ work: (_input, { signal }) => { signals.add(signal); return {} } })
  for (let run = 0; run < 2_001; run++) await runner.runTrack(track({ taskName: 'work' }))
  expect(signals.size).toBeGreaterThan(1)
})

test('the cost of items under a limit grows with their number', async () => {
  const runner = runnerWith({ work: () => ({}) }, { taskConcurrency: { work: 4 } })
  const costOf = async (count: number) => {
    const before = process.cpuUsage()
    await runner.runTrack(track({ taskName: 'work', forEach: () => Array.from({ length: count }, () => ({})) }))
    const { user, system } = process.cpuUsage(before)
    return (user + system) / count
  }
  await costOf(2_000)
  const small = await costOf(5_000)
  expect(await costOf(50_000)).toBeLessThan(5 * small)
})

test('an unknown task is refused, and nothing is kept of it', async () => {
  setFlagsFromString('--expose-gc')
  const collect = runInNewContext('gc') as () => void
  const runner = runnerWith({})
  const askFor = async (count: number, from: number) => {
    for (let n = from; n < from + count; n++) expect(await runner.runSingleTask(`${n}`.padEnd(10_000, 'x'), {}).catch((error: unknown) => error)).toBeInstanceOf(DefinitionError)
    collect()
    return process.memoryUsage().heapUsed
  }
  const before = await askFor(200, 0)
  expect((await askFor(2_000, 200)) - before).toBeLessThan(10_000_000) // of 20 MB of names
  await expect(runner.runSingleTask('constructo', {})).rejects.toThrow('Did you mean "constructor"?')
})

test('values that are nested too deep are refused by name', async () => {
  const runner = runnerWith({ work: (input) => input as object })
  let deep: unknown = 1
  for (let level = 0; level < 3_000; level++) deep = { deep }
  expect(await runner.settleTrack(track({ taskName: 'work' }), { fine: 1 })).toMatchObject({ status: 'succeeded' })
  expect(await failureOf(runner.runTrack(track({ taskName: 'work' }), { deep }))).toMatchObject({ code: 'contract_violated' })
  expect(await failureOf(runner.runTrack(track({ taskName: 'work', inputMapper: () => ({ deep }) })))).toMatchObject({ code: 'contract_violated' })
})

test('what a run returns is its caller\'s own, and may be changed', async () => {
  const runner = runnerWith({ work: (input) => input as object })
  const output = await runner.runTrack(track({ taskName: 'work' }, { taskName: 'work', id: 'again', inputMapper: ({ list }) => ({ list }) }), { list: [1] })
  ;(output as { list: number[] }).list.push(2)
  expect(output).toEqual({ list: [1, 2] })
})
