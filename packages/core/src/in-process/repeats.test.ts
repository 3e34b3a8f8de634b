import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { readRecords } from '../journal/read-records.ts'
import { createRepeating, repeatingDone, type Repeating } from '../testing/repeating.ts'
import { runKilled } from '../testing/run-killed.ts'
import type { RunPlan } from './index.ts'

const base = { tenantId: 'acme', projectId: 'p1', text: 'a' }
let folder: string
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'repeats-'))
})
afterEach(() => rm(folder, { recursive: true, force: true }))

/** A process of its own, as far as it can tell; what it did stands in `done`. */
function process(more?: Repeating, at = folder) {
  const done: string[] = []
  return { ...createRepeating(at, (what) => done.push(what), more), done }
}
const run = (how?: Repeating) => {
  const made = process(how)
  return made.runner.settleTrack(made.track, base, { runId: 'r1' }).then((result) => ({ ...made, result }))
}
const linesOf = ({ steps }: RunPlan) => steps.map((step) => `${step.path.replace('Repeating/', '')} ${step.action === 'run' ? step.why.reason : step.action}`)

test('a step that gave up goes on where it may be done more often: times that finished are reused, and asked about again', async () => {
  const first = await run({ maxTimes: 2 })
  expect(first.result).toMatchObject({ status: 'failed', error: { code: 'repeat/not_reached', place: { track: 'Repeating', step: 'refine', item: 1 } } })
  const { runner, done, asked } = process()
  expect(linesOf(await runner.plan('r1'))).toEqual([
    ...['begin reuse', 'refine[0]/improve reuse', 'refine[1]/improve reuse', 'refine[2]/improve new', 'refine[0]/judge reuse', 'refine[1]/judge reuse', 'publish new'],
  ])
  asked.length = 0
  expect(await runner.resume('r1')).toMatchObject({ status: 'succeeded', output: { published: 'a!!!' } })
  expect(done).toEqual(repeatingDone.slice(5))
  expect(asked).toEqual(['1 a!', '2 a!!', '3 a!!!'])
})

test('a time that failed is done again when the run is resumed, those before it are not', async () => {
  const { result } = await run({ failing: ['a!!'] })
  expect(result).toMatchObject({ status: 'failed', error: { code: 'terminal', place: { track: 'Refining', step: 'judge', item: 1 } } })
  const { runner, done } = process()
  expect(await runner.resume('r1')).toMatchObject({ status: 'succeeded' })
  expect(done).toEqual(repeatingDone.slice(4))
})

test('a fork from one of the times does it and all after it anew, with another input where one is set', async () => {
  await run()
  const { runner, done } = process()
  expect(await runner.fork('r1', { from: 'refine[1]' })).toMatchObject({ status: 'succeeded', output: { published: 'a!!!' } })
  expect(done.splice(0)).toEqual(repeatingDone.slice(3))
  expect(linesOf(await runner.plan('r1', { from: 'refine[1]' })).filter((line) => line.endsWith('reuse'))).toEqual(['begin reuse', 'refine[0]/improve reuse', 'refine[0]/judge reuse'])
  expect(await runner.fork('r1', { from: 'refine[1]', set: { text: 'b!' } })).toMatchObject({ output: { published: 'b!!!' } })
  expect(done.splice(0)).toEqual(['improve b!', 'judge b!!', 'improve b!!', 'judge b!!!', 'publish b!!!'])
  expect(await runner.fork('r1', { from: 'refine' })).toMatchObject({ status: 'succeeded' })
  expect(done.splice(0)).toEqual(repeatingDone.slice(1))
  expect(await runner.fork('r1', { from: 'judge' })).toMatchObject({ status: 'succeeded' })
  expect(done.splice(0)).toEqual(repeatingDone.filter((what) => !/^(?:begin|improve)/.test(what)))
  expect(await runner.fork('r1', { from: 'refine[1]/judge' })).toMatchObject({ status: 'succeeded' })
  expect(done.splice(0)).toEqual(repeatingDone.slice(4))
  expect(await runner.fork('r1', { from: 'refine[3]', set: { text: 'b' } })).toMatchObject({ status: 'failed', error: { code: 'definition_invalid', message: 'The fork sets the input of Repeating/refine[3], and Repeating/refine has 3 times, [0] to [2].' } })
  await expect(runner.fork('r1', { from: 'refine/judge[1]' })).rejects.toThrow('Repeating/refine/judge has no items')
  await expect(runner.fork('r1', { from: 'refine', set: { text: 'b' } })).rejects.toThrow('Repeating/refine runs again and again: begin "text" with the number of the time, like [0].text.')
})

test('a step that is forced runs in each of its times', async () => {
  await run()
  const { runner, done } = process()
  await runner.resume('r1', { force: ['judge'] })
  expect(done.splice(0)).toEqual(repeatingDone.filter((what) => what.startsWith('judge')))
  await runner.resume('r1', { force: ['refine[1]'] })
  expect(done).toEqual(repeatingDone.slice(3, 5))
})

test('the history holds what each time handed on, and how far the step is', async () => {
  const { events, journal } = await run()
  expect(events.flatMap((event) => (event.type === 'track.succeeded' ? [[event.path, event.output]] : []))).toEqual([
    ['Repeating/refine[0]', { text: 'a!', score: 1 }],
    ['Repeating/refine[1]', { text: 'a!!', score: 2 }],
    ['Repeating/refine[2]', { text: 'a!!!', score: 3 }],
    ['Repeating', undefined],
  ])
  expect(events.flatMap((event) => (event.type === 'step.progress' ? [event.note] : []))).toEqual(['1 of at most 9', '2 of at most 9', '3 of at most 9'])
  expect((await journal.steps('r1')).filter(({ step }) => step === 'judge').map(({ path, output }) => [path, output])).toMatchObject([
    ['Repeating/refine[0]/judge', { score: 1 }],
    ['Repeating/refine[1]/judge', { score: 2 }],
    ['Repeating/refine[2]/judge', { score: 3 }],
  ])
})

test('a process that is killed after any record leaves a run that is resumed, and does no time again that finished', { timeout: 240_000 }, async () => {
  for (const record of [3, 6, 9, 12]) {
    const at = join(folder, `record-${record}`)
    expect(await runKilled('repeating', at, record), `record ${record}`).toBe(true)
    const { records } = readRecords(await readFile(join(at, 'runs/r1/journal.jsonl')), 'journal')
    const finished = records.filter(({ type }) => type === 'call.succeeded').length
    const { runner, done } = process({}, at)
    expect(await runner.resume('r1')).toMatchObject({ status: 'succeeded', output: { published: 'a!!!' } })
    expect(done, `record ${record}`).toEqual(repeatingDone.slice(finished))
  }
})
