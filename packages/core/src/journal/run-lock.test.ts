import { spawn } from 'node:child_process'
import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises'
import { tmpdir, hostname } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { lockRun } from './run-lock.ts'

let folder: string
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'run-lock-'))
})
afterEach(() => rm(folder, { recursive: true, force: true }))

const holder = (of: object) => `${JSON.stringify({ pid: process.pid, started: 1, host: hostname(), ...of })}\n`

test('is held by one, who is named, and can be taken when it was given back', async () => {
  const path = join(folder, 'lock')
  const release = await lockRun(path)
  await expect(lockRun(path)).rejects.toMatchObject({ code: 'journal/locked', message: expect.stringContaining(`(${process.pid})`) as string })
  await release()
  await (await lockRun(path))()
  expect(await readdir(folder)).toEqual([])
})

test('of a process that was killed is taken over, by one of many', async () => {
  const child = spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)'])
  const { pid } = child
  child.kill('SIGKILL')
  await new Promise((resolve) => child.on('exit', resolve))
  const path = join(folder, 'lock')
  await writeFile(path, holder({ pid, started: 5 }))
  const taken = await Promise.allSettled(Array.from({ length: 8 }, () => lockRun(path)))
  expect(taken.filter(({ status }) => status === 'fulfilled')).toHaveLength(1)
  expect(await readdir(folder)).toEqual(['lock'])
})

test('of a process whose id another one has by now is taken over', async () => {
  const path = join(folder, 'lock')
  await writeFile(path, holder({ pid: process.pid, started: 1 }))
  await expect(lockRun(path)).resolves.toBeTypeOf('function')
})

test.each([['another machine', holder({ host: 'elsewhere' })], ['nobody that can be read', 'x'], ['nobody', '']])('of %s stays', async (_who, text) => {
  const path = join(folder, 'lock')
  await writeFile(path, text)
  await expect(lockRun(path)).rejects.toMatchObject({ code: 'journal/locked' })
})
