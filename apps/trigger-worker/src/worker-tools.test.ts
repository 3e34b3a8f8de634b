import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createFileStorage, storageKey } from '@track-orchestrator/media-tasks'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { readEnvironment } from './environment.ts'
import { openWorkerTools } from './worker-tools.ts'

let folder: string
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'worker-tools-'))
})
afterEach(async () => {
  vi.useRealTimers()
  await rm(folder, { recursive: true, force: true })
})

/** Two files of a run, one of which its output names; and what is left of them. */
const openRun = async (cleanup: string) => {
  const storage = createFileStorage({ root: join(folder, 'storage') })
  const base = { tenantId: 't', projectId: 'p' }
  await writeFile(join(folder, 'file'), 'content')
  const put = (task: string, runId = 'run_1') => storage.put(storageKey({ ...base, run: { id: runId }, taskName: task }, 'a.mp4'), join(folder, 'file'), { contentType: 'video/mp4' })
  await put('split_video')
  const { url } = await put('merge_audio_video')
  const { onSuccess } = openWorkerTools(readEnvironment({ STORAGE_FOLDER: join(folder, 'storage'), TEMPORARY_FOLDER: join(folder, 'temporary'), CLEANUP: cleanup }))
  return {
    succeed: (runId: string) => onSuccess({ ...base, name: 'VoiceConversion', runId, earlierRuns: [], output: { url } }),
    left: () => readdir(join(folder, 'storage', 'tenants', 't', 'projects', 'p', 'runs', 'run_1', 'split_video')),
    result: () => readdir(join(folder, 'storage', 'tenants', 't', 'projects', 'p', 'runs', 'run_1', 'merge_audio_video')),
  }
}

test.each([['', 1], ['none', 1], ['delayed', 1], ['immediate', 0]])('With CLEANUP=%s, %i of the files between the steps are there when a run has succeeded, and its result in any case', async (cleanup, count) => {
  const { succeed, left, result } = await openRun(cleanup)
  await succeed('run_1')
  expect(await left()).toHaveLength(count)
  expect(await result()).toHaveLength(1)
})

test('Files that were to be deleted later are, by a run that succeeds after a day', async () => {
  const { succeed, left, result } = await openRun('delayed')
  await succeed('run_1')
  vi.useFakeTimers({ toFake: ['Date'], now: Date.now() + 25 * 3_600_000 })
  await succeed('run_2')
  expect(await left()).toEqual([])
  expect(await result()).toHaveLength(1)
})
