import { mkdtemp, mkdir, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { readRecords } from '../journal/read-records.ts'
import { runKilled } from '../testing/run-killed.ts'
import { createSteered, steeredPayload } from '../testing/steered.ts'

let folder: string
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'steered-'))
})
afterEach(() => rm(folder, { recursive: true, force: true }))

/** What finished, and so must not be done again. */
async function finishedIn(at: string): Promise<string[]> {
  const { records } = readRecords(await readFile(join(at, 'journal/runs/r1/journal.jsonl')), 'journal')
  return records.flatMap(({ type, path }) => (type === 'call.succeeded' ? [String(path).replace('Steered/', '')] : []))
}

test('a flow that pays, waits, walks a track again and holds a race comes to its end', async () => {
  const { runner, track, done } = createSteered(folder)
  expect(await runner.settleTrack(track, steeredPayload, { runId: 'r1' })).toMatchObject({ status: 'succeeded', output: { published: true }, costs: { total: { credits: 3 } } })
  expect(done()).toEqual(['pay', 'quick', 'shaky', 'shaky', 'quick', 'publish'])
})

test('a process that is killed after any record leaves a run that is gone on with: nothing that finished is done again, and all is told that was paid', { timeout: 480_000 }, async () => {
  const counts: number[] = []
  for (let record = 2; ; record += 3) {
    const at = join(folder, `record-${record}`)
    await mkdir(at)
    if (!(await runKilled('steered', at, record))) break
    const finished = await finishedIn(at)
    const { runner, done } = createSteered(at)
    const before = done().length
    const ended = await runner.resume('r1')
    // Twice, where its process ended between paying and the end of the step.
    const credits = 3 * done().filter((what) => what === 'pay').length
    expect(ended, `record ${record}`).toMatchObject({ status: 'succeeded', output: { published: true }, costs: { total: { credits } } })
    const after = done().slice(before)
    for (const [place, what] of [['pay', 'pay'], ['walked_again/shaky', 'shaky'], ['publish', 'publish']] as const) {
      if (finished.includes(place)) expect(after, `record ${record}: ${place}`).not.toContain(what)
    }
    const quick = ['walked_again/quick', 'raced/Quick/quick'].filter((place) => !finished.includes(place)).length
    expect(after.filter((what) => what === 'quick').length, `record ${record}`).toBe(quick)
    counts.push(finished.length)
  }
  // Killed early and late.
  expect(Math.min(...counts)).toBe(0)
  expect(Math.max(...counts)).toBeGreaterThan(3)
})
