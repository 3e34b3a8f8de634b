import { chmod, readdir, readFile, stat, writeFile } from 'node:fs/promises'
import { setTimeout as delay } from 'node:timers/promises'
import { TerminalError } from '@track-orchestrator/registry'
import { createTestContext, type TestContext } from '@track-orchestrator/registry/testing'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { makeClip } from './testing/make-clip.ts'
import { openTestTools, type TestTools } from './testing/test-tools.ts'
import { withWorkspace, type Workspace } from './workspace.ts'

let media: TestTools
beforeAll(async () => {
  media = await openTestTools()
  await makeClip(media.tools.ffmpeg, media.clipPath('clip.webm'), { durationSeconds: 4 })
})
afterAll(() => media.close())

const context = (signal?: AbortSignal): TestContext => createTestContext({ taskName: 'a_task', ...(signal && { signal }) })
const inWorkspace = async <Result>(work: (workspace: Workspace) => Promise<Result>, input: object = {}, given = context()) =>
  withWorkspace(media.tools, given, input, work)
/** Encodes as slowly as the clip plays, so that it can be stopped. */
const encodeSlowly = async (workspace: Workspace) =>
  workspace.ffmpeg({
    what: 'take its time',
    inputs: [{ path: await workspace.open(media.clipUrl('clip.webm')), options: ['-re'] }],
    options: ['-map', '0:v:0', '-c:v', 'libx264', '-preset', 'ultrafast'],
    output: 'slow.mp4',
  })

test('A workspace is private to its owner, and gone when the work has ended', async () => {
  const mode = await inWorkspace(async ({ folder }) => (await stat(folder)).mode & 0o777)
  expect(mode).toBe(0o700)
  expect(await media.temporaryFiles()).toEqual([])
})

test('A workspace is gone when the work has failed', async () => {
  const work = inWorkspace(async (workspace) => {
    await writeFile(workspace.path('half'), 'x')
    throw new TerminalError('on purpose')
  })
  await expect(work).rejects.toThrow('on purpose')
  expect(await media.temporaryFiles()).toEqual([])
})

test('Cancelling kills ffmpeg, removes the workspace and throws the reason', async () => {
  const controller = new AbortController()
  const reason = new TerminalError('stopped by hand', { code: 'cancelled' })
  setTimeout(() => controller.abort(reason), 300)
  await expect(inWorkspace(encodeSlowly, {}, context(controller.signal))).rejects.toBe(reason)
  expect(await media.temporaryFiles()).toEqual([])
})

test('Cancelling without a reason of ours says cancelled', async () => {
  const controller = new AbortController()
  setTimeout(() => controller.abort(), 200)
  await expect(inWorkspace(encodeSlowly, {}, context(controller.signal))).rejects.toMatchObject({ code: 'cancelled', retryable: false })
})

test('The time limit of the input ends the work, retryable, naming the task and the limit', async () => {
  const work = inWorkspace(encodeSlowly, { timeoutMs: 300 })
  await expect(work).rejects.toMatchObject({ code: 'timed_out', retryable: true, message: 'a_task took longer than 0.3 s' })
  expect(await media.temporaryFiles()).toEqual([])
})

test('Work that pays no heed to the signal fails when it next asks for anything', async () => {
  const work = inWorkspace(async (workspace) => {
    await delay(50)
    return workspace.open(media.clipUrl('clip.webm'))
  }, { timeoutMs: 10 })
  await expect(work).rejects.toMatchObject({ code: 'timed_out' })
})

test('A medium gets a name of ours, and is not copied', async () => {
  await inWorkspace(async (workspace) => {
    await workspace.open(media.clipUrl('clip.webm'))
    expect(await readdir(workspace.folder)).toEqual(['input-0'])
    expect((await stat(workspace.path('input-0'))).ino).toBe((await stat(media.clipPath('clip.webm'))).ino)
  })
})

test('Progress of ffmpeg becomes progress of the task, in the share it was given', async () => {
  const given = context()
  await inWorkspace(
    async (workspace) => {
      const inputs = [{ path: await workspace.open(media.clipUrl('clip.webm')) }]
      const options = ['-map', '0:v:0', '-c:v', 'libx264', '-preset', 'ultrafast']
      await workspace.ffmpeg({ what: 'encode', inputs, options, output: 'out.mp4' }, { durationSeconds: 4, from: 0.5, to: 0.9 })
    },
    {},
    given,
  )
  const fractions = given.progressed.map(({ fraction }) => fraction)
  expect(fractions.length).toBeGreaterThan(0)
  expect(fractions).toEqual(fractions.toSorted((a, b) => a - b))
  expect(fractions[0]).toBeGreaterThanOrEqual(0.5)
  expect(fractions.at(-1)).toBeGreaterThan(0.85)
  expect(fractions.at(-1)).toBeLessThanOrEqual(0.9)
  expect(given.progressed[0]!.note).toMatch(/^encode(: ([\d.]+ frames\/s, )?[\d.]+x|: [\d.]+ frames\/s)?$/)
})

test('Files are stored under tenant, project, run and task', async () => {
  const stored = await inWorkspace(async (workspace) => {
    await writeFile(workspace.path('a.txt'), 'content')
    return workspace.store(workspace.path('a.txt'), { format: 'txt', contentType: 'text/plain', durationSeconds: 2, number: '007' })
  }, { storageName: 'mine.txt' })
  expect(stored).toMatchObject({ key: 'tenants/tenant-1/projects/project-1/runs/run-1/a_task/mine-007.txt', format: 'txt', sizeBytes: 7, durationSeconds: 2 })
})

test('The same input is stored under the same name in every attempt, another input under another', async () => {
  const keyOf = async (input: object) =>
    inWorkspace(async (workspace) => {
      await writeFile(workspace.path('a'), 'x')
      return (await workspace.store(workspace.path('a'), { format: 'txt', contentType: 'text/plain' })).key
    }, input)
  const [first, again, other] = [await keyOf({ url: 'file:///a' }), await keyOf({ url: 'file:///a' }), await keyOf({ url: 'file:///b' })]
  expect(again).toBe(first)
  expect(other).not.toBe(first)
})

test('A run or tenant with a path in its name does not get near a storage key', async () => {
  const given = { ...context(), run: { id: '../../other' } }
  const work = inWorkspace(async (workspace) => {
    await writeFile(workspace.path('a'), 'x')
    return workspace.store(workspace.path('a'), { format: 'txt', contentType: 'text/plain' })
  }, {}, given)
  await expect(work).rejects.toMatchObject({ code: 'media/url_refused' })
})

test('A file that a run has stored opens for its tenant, and for no other', async () => {
  const { url } = await inWorkspace(async (workspace) => {
    await writeFile(workspace.path('a'), 'content')
    return workspace.store(workspace.path('a'), { format: 'txt', contentType: 'text/plain' })
  })
  const openAs = async (tenantId: string, asked: string) => inWorkspace(async (workspace) => readFile(await workspace.open(asked), 'utf8'), {}, createTestContext({ tenantId }))
  expect(await openAs('tenant-1', url)).toBe('content')
  for (const asked of [url, url.replace('/tenants/', '//tenants//'), url.replace('/tenants/', '/other/../tenants/'), url.replace('/tenants/', '/%74enants/')]) {
    await expect(openAs('tenant-2', asked)).rejects.toMatchObject({ code: 'media/url_refused', message: expect.stringContaining('another tenant') })
  }
})

test('Read-only files in a workspace do not keep it from being removed', async () => {
  await inWorkspace(async (workspace) => {
    await writeFile(workspace.path('fixed'), 'x')
    await chmod(workspace.path('fixed'), 0o400)
  })
  expect(await media.temporaryFiles()).toEqual([])
})

test('A medium that is larger than the limit is refused before it is brought here', async () => {
  const tools = { ...media.tools, limits: { ...media.tools.limits, sizeBytes: 10 } }
  await withWorkspace(tools, context(), {}, async (workspace) => {
    await expect(workspace.open(media.clipUrl('clip.webm'), 'large')).rejects.toMatchObject({ code: 'media/too_large', retryable: false })
    await expect(stat(workspace.path('large'))).rejects.toMatchObject({ code: 'ENOENT' })
  })
})

test('A file that is stored is given to the storage: it is not copied', async () => {
  const { made, file } = await inWorkspace(async (workspace) => {
    await writeFile(workspace.path('made.txt'), 'made')
    const { ino } = await stat(workspace.path('made.txt'))
    return { made: ino, file: await workspace.store(workspace.path('made.txt'), { format: 'txt', contentType: 'text/plain' }) }
  })
  expect((await stat(media.pathOf(file.url))).ino).toBe(made)
})

test("What was opened is stored as a copy: an earlier step's file stays where it is", async () => {
  const first = await inWorkspace(async (workspace) => {
    await writeFile(workspace.path('first.txt'), 'first')
    return workspace.store(workspace.path('first.txt'), { format: 'txt', contentType: 'text/plain' })
  })
  const again = await inWorkspace(async (workspace) => workspace.store(await workspace.open(first.url), { format: 'txt', contentType: 'text/plain', number: 'again' }))
  expect(await readFile(media.pathOf(first.url), 'utf8')).toBe('first')
  expect(await readFile(media.pathOf(again.url), 'utf8')).toBe('first')
  expect((await stat(media.pathOf(again.url))).ino).not.toBe((await stat(media.pathOf(first.url))).ino)
})
