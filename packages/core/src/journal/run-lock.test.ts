import { spawn } from 'node:child_process'
import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises'
import { tmpdir, hostname } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { createJournal } from './journal.ts'
import { lockRun } from './run-lock.ts'

let folder: string
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'run-lock-'))
})
afterEach(() => rm(folder, { recursive: true, force: true }))

const holder = (of: object) => `${JSON.stringify({ pid: process.pid, started: 1, host: hostname(), ...of })}\n`

test('is held by one, who is named, and can be taken when it was given back', async () => {
  const { release } = await lockRun(folder)
  await expect(lockRun(folder)).rejects.toMatchObject({ code: 'journal/locked', message: expect.stringContaining(`(${process.pid})`) as string })
  await release()
  await (await lockRun(folder)).release()
  expect(await readdir(folder)).toEqual([])
})

test('of a process that was killed is taken over, by one of many', async () => {
  const child = spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)'])
  const { pid } = child
  child.kill('SIGKILL')
  await new Promise((resolve) => child.on('exit', resolve))
  for (let round = 0; round < 8; round++) {
    await writeFile(join(folder, 'lock.dead'), holder({ pid, started: 5 }))
    const taken = await Promise.allSettled(Array.from({ length: 8 }, () => lockRun(folder)))
    const releases = taken.flatMap((result) => (result.status === 'fulfilled' ? [result.value.release] : []))
    expect(releases.length).toBeLessThanOrEqual(1)
    const release = releases[0] ?? (await lockRun(folder)).release
    expect(await readdir(folder)).toHaveLength(1)
    await release()
  }
  expect(await readdir(folder)).toEqual([])
})

test('of a process whose id another one has by now is taken over', async () => {
  await writeFile(join(folder, 'lock.other'), holder({ pid: process.pid, started: 1 }))
  await expect(lockRun(folder)).resolves.toMatchObject({ id: expect.any(String) as string })
})

test.each([['another machine', holder({ host: 'elsewhere' })], ['nobody that can be read', 'x'], ['nobody', '']])('of %s stays', async (_who, text) => {
  await writeFile(join(folder, 'lock.other'), text)
  await expect(lockRun(folder)).rejects.toMatchObject({ code: 'journal/locked' })
})

test('a folder in which no lock can be made is told as a journal that cannot be written', async () => {
  const root = await mkdtemp(join(tmpdir(), 'long-'))
  // Of a path of 4,096 bytes the folder of the run takes all but a few: what lies in it has no name.
  let deep = root
  while (deep.length < 3_850) deep = join(deep, 'x'.repeat(200))
  deep = join(deep, 'x'.repeat(4_080 - '/runs/r1'.length - deep.length - 1))
  await expect(createJournal({ folder: deep }).begin({ runId: 'r1', kind: 'track', name: 'T', payload: { tenantId: 't', projectId: 'p' } })).rejects.toMatchObject({ code: 'journal/write_failed', message: expect.stringContaining('cannot be written (ENAMETOOLONG)') as string })
  await rm(root, { recursive: true })
})
