import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import type { TrackDefinition } from '../definition/definition.ts'
import { suiteHandlers, suiteTasks } from '../testing/suite-tasks.ts'
import { testTrack } from '../testing/test-track.ts'
import { createJournal, createRunner } from './index.ts'

const base = { tenantId: 't', projectId: 'p' }
const dayMs = 86_400_000
let folder: string
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'track-time-'))
})
afterEach(() => rm(folder, { recursive: true, force: true }))

test('a track under test is out of time after days that pass at once', async () => {
  const track: TrackDefinition = { name: 'Patient', timeoutMs: 20 * dayMs, tasks: [{ taskName: 'wait', waitMs: 15 * dayMs }, { taskName: 'wait', id: 'more', waitMs: 15 * dayMs }] }
  const result = await testTrack({ registry: suiteTasks, handlers: suiteHandlers, track }).run({})
  expect(result).toMatchObject({ status: 'failed', elapsedMs: 20 * dayMs, error: { code: 'timed_out', place: { track: 'Patient' } } })
})

test('a track under test is walked again after exactly the wait that its policy says', async () => {
  let calls = 0
  const track: TrackDefinition = { name: 'Shaky', retry: { maxAttempts: 4, minDelayMs: 60_000, factor: 2, maxDelayMs: 3_600_000 }, tasks: [{ taskName: 'suite_add', retry: { maxAttempts: 1 } }] }
  const result = await testTrack({ registry: suiteTasks, track, fakes: { suite_add: () => { if (++calls < 4) throw new Error('not yet'); return { n: calls } } } }).run({ n: 1 }) // prettier-ignore
  expect(result).toMatchObject({ status: 'succeeded', output: { n: 4 }, elapsedMs: 60_000 + 120_000 + 240_000 })
})

test('items that succeeded are not run again, and those that failed are, though no journal remembers them', async () => {
  const done: number[] = []
  const suite_add = ({ n }: { n: number }) => {
    done.push(n)
    if (n === 2 && done.length < 4) throw new Error('not yet')
    return { n }
  }
  const runner = createRunner({ registry: suiteTasks, handlers: { ...suiteHandlers, suite_add } })
  const track: TrackDefinition = { name: 'Items', retry: { maxAttempts: 2, minDelayMs: 1 }, tasks: [{ taskName: 'suite_add', forEach: () => [{ n: 1 }, { n: 2 }, { n: 3 }], retry: { maxAttempts: 1 } }] }
  expect(await runner.runTrack(track, base)).toEqual([{ n: 1 }, { n: 2 }, { n: 3 }])
  expect(done).toEqual([1, 2, 3, 2])
})

test('a run that is resumed has its whole time again, and what finished is not run again', async () => {
  const track: TrackDefinition = { name: 'Resumed', timeoutMs: 2_000, tasks: [{ taskName: 'suite_add' }, { taskName: 'wait', waitMs: 2_500 }, { taskName: 'suite_add', id: 'after' }] }
  let calls = 0
  const suite_add = ({ n }: { n: number }) => (calls++, { n: n + 1 })
  const runner = createRunner({ registry: suiteTasks, handlers: { ...suiteHandlers, suite_add }, journal: createJournal({ folder }), tracks: [track] })
  expect(await runner.settleTrack(track, { ...base, n: 1 }, { runId: 'r1' })).toMatchObject({ status: 'failed', error: { code: 'timed_out' } })
  expect(await runner.resume('r1')).toMatchObject({ status: 'succeeded', output: { n: 3 } })
  expect(calls).toBe(2)
})

test('a run that is cancelled within its time is cancelled', async () => {
  const track: TrackDefinition = { name: 'Called', timeoutMs: 60_000, retry: { maxAttempts: 9 }, tasks: [{ taskName: 'wait', waitMs: 30_000 }] }
  const runner = createRunner({ registry: suiteTasks, handlers: suiteHandlers })
  expect(await runner.settleTrack(track, base, { signal: AbortSignal.timeout(50) })).toMatchObject({ status: 'cancelled', error: { code: 'cancelled' } })
})

test.each([
  ['a time of nothing', { timeoutMs: 0 }, /timeoutMs/],
  ['more than a year', { timeoutMs: 400 * dayMs }, /timeoutMs/],
  ['a policy that is none', { retry: { maxAttempts: 0 } }, /retry/],
])('%s is an error of the definition', async (_, more, message) => {
  const runner = createRunner({ registry: suiteTasks, handlers: suiteHandlers })
  await expect(runner.runTrack({ name: 'Wrong', ...more, tasks: [] }, base)).rejects.toMatchObject({ code: 'definition_invalid', message: expect.stringMatching(message) as string })
})
