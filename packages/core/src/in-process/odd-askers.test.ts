import { mkdtemp, readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { TerminalError } from '@track-orchestrator/registry'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { createRepeating } from '../testing/repeating.ts'
import { suiteHandlers, suiteTasks } from '../testing/suite-tasks.ts'
import { createJournal, createRunner, deleteRun, type RunFilter } from './index.ts'

// Runs, and many of them, asked for in ways that a compiler would not let pass, or that it cannot see.

const base = { tenantId: 'acme', projectId: 'p1' }
const track = { name: 'One', tasks: [{ taskName: 'suite_add' }] }
let folder: string
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'odd-askers-'))
})
afterEach(() => rm(folder, { recursive: true, force: true }))

function newProcess(suite_add = ({ n }: { n: number }) => ({ n: n + 1 })) {
  const journal = createJournal({ folder })
  return { journal, runner: createRunner({ registry: suiteTasks, handlers: { ...suiteHandlers, suite_add }, journal, tracks: [track] }) }
}
const failed = async (...runIds: readonly string[]) => {
  const { runner } = newProcess(() => {
    throw new TerminalError('it broke')
  })
  for (const runId of runIds) await runner.settleTrack(track, { ...base, n: 1 }, { runId })
}

test.each([undefined, null, 5, {}, ['a']])('%j is no id of a run, whatever is asked with it', async (id) => {
  const { journal, runner } = newProcess()
  const runId = id as string
  const all = [journal.read(runId), journal.steps(runId), journal.delete(runId), journal.cancel(runId), deleteRun(journal, runId, { keepers: {} }), runner.resume(runId), runner.fork(runId), runner.answer(runId, 'a', 1)]
  for (const asked of await Promise.allSettled(all)) expect(asked).toMatchObject({ status: 'rejected', reason: { code: 'journal/unknown_run' } })
  await expect(runner.plan(runId)).rejects.toMatchObject({ code: 'definition_invalid' })
  await expect(runner.runSingleTask(runId as 'suite_add', { ...base, n: 1 })).rejects.toMatchObject({ code: 'definition_invalid', message: 'A task has no name.' })
})

test.each([
  [undefined, 'says nothing means every run'],
  [null, 'must be an object of options, not null'],
  [[], 'must be an object of options, not a list'],
  [{ status: 'Running' }, 'Did you mean "running"?'],
  [{ status: 'failed', tenant: 'acme' }, 'Did you mean "tenantId"?'],
  [{ since: new Date(0) }, 'since must be milliseconds since 1970, as date.getTime() gives, not an object'],
])('a filter that is none is refused by all that go through many runs, and none is touched: %j', async (filter, message) => {
  const { journal, runner } = newProcess()
  const refused = { code: 'definition_invalid', message: expect.stringContaining(message) as string }
  await expect(journal.cancelAll(filter as RunFilter)).rejects.toMatchObject(refused)
  await expect(journal.unfinished(filter as RunFilter)).rejects.toMatchObject(refused)
  await expect(runner.resumeAll(filter as RunFilter)).rejects.toMatchObject({ ...refused, message: expect.stringMatching(/^resumeAll: /) as string })
})

test('who is told of the end of each run, and fails at it, keeps no run from being gone on with, and is warned', async () => {
  await failed('a', 'b', 'c')
  const warn = vi.spyOn(process, 'emitWarning').mockImplementation(() => {})
  const throwing = () => {
    throw new Error('no room')
  }
  expect(await newProcess().runner.resumeAll(base, { concurrency: 1, onEnd: throwing })).toMatchObject([{ status: 'succeeded' }, { status: 'succeeded' }, { status: 'succeeded' }])
  await failed('d')
  await newProcess().runner.resumeAll(base, { onEnd: async () => throwing() })
  await expect.poll(() => warn.mock.calls).toHaveLength(4)
  expect(warn.mock.calls[3]![0]).toBe('resumeAll: onEnd failed for run d: no room')
  warn.mockRestore()
})

test('two definitions of one name are refused, for a run could be gone on with as either; the same one twice is not', () => {
  const create = (...tracks: (typeof track)[]) => () => createRunner({ registry: suiteTasks, handlers: suiteHandlers, tracks })
  expect(create(track, { ...track })).toThrow('createRunner: two definitions are called "One"')
  expect(create(track, track)).not.toThrow()
})

test.each([
  ['a bigint', 1n, 'fork: set.text: a bigint is no JSON'],
  ['a date', { at: new Date(0) }, 'fork: set.text.at: an object of class Date is no JSON'],
  ['no number', [Number.NaN], 'fork: set.text.0: NaN is no JSON'],
])('what a fork sets is JSON, for it is written down: not %s', async (_what, text, message) => {
  const { runner, track: repeating } = createRepeating(folder, () => {})
  await runner.settleTrack(repeating, { ...base, text: 'a' }, { runId: 'r1' })
  await expect(runner.fork('r1', { from: 'refine[1]', set: { text } })).rejects.toMatchObject({ code: 'definition_invalid', message: expect.stringContaining(message) as string })
  expect(await readdir(join(folder, 'runs'))).toEqual(['r1'])
})

test.each(['refine[01]', 'refine[0][1]', 'refine[99999999999999999999]'])('%s is no time of a step, so nothing is forked from it', async (from) => {
  const { runner, track: repeating } = createRepeating(folder, () => {})
  await runner.settleTrack(repeating, { ...base, text: 'a' }, { runId: 'r1' })
  await expect(runner.fork('r1', { from })).rejects.toMatchObject({ code: 'definition_invalid', message: expect.stringContaining('one number, from 0') as string })
})
