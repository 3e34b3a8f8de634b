import { mkdtemp, readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setImmediate as turn } from 'node:timers/promises'
import { afterEach, beforeEach, expect, onTestFinished, test, vi } from 'vitest'
import { createJournal } from './journal.ts'

let folder: string
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'cancel-file-'))
})
afterEach(() => rm(folder, { recursive: true, force: true }))

test.each(['begun', 'gone on with'])('a run that is asked to cancel as soon as it is seen to run hears of it, while it is still being %s', async (how) => {
  const [own, other] = [createJournal({ folder }), createJournal({ folder })]
  const tryOnce = async (runId: string) => {
    const begin = () => own.begin({ runId, kind: 'track', name: 'T', payload: { tenantId: 't', projectId: 'p' } })
    if (how === 'gone on with') await (await begin()).close()
    const opening = how === 'begun' ? begin() : own.reopen(runId)
    while (!(await other.isRunning(runId).catch(() => false))) await turn()
    await other.cancel(runId)
    const run = await opening
    await expect.poll(() => run.cancelled.aborted).toBe(true)
    await run.close()
    expect(await readdir(join(folder, 'runs', runId))).toEqual(expect.not.arrayContaining([expect.stringContaining('cancel')]))
  }
  await Promise.all(Array.from({ length: 10 }, (_, number) => tryOnce(`r${number}`)))
})

test('what was asked of the process that wrote the run before is past', async () => {
  vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] })
  onTestFinished(() => void vi.useRealTimers())
  const journal = createJournal({ folder })
  const first = await journal.begin({ runId: 'r', kind: 'track', name: 'T', payload: { tenantId: 't', projectId: 'p' } })
  await journal.cancel('r')
  await first.close()
  const second = await journal.reopen('r')
  vi.advanceTimersByTime(60_000)
  expect(second.cancelled.aborted).toBe(false)
  await second.close()
})
