import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { Answers } from './answers.ts'
import { askToCancel } from './cancel-file.ts'
import { RunKeys } from './run-keys.ts'
import { lockRun } from './run-lock.ts'

let folder: string
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'not-written-'))
  await writeFile(join(folder, 'taken'), '')
})
afterEach(() => rm(folder, { recursive: true, force: true }))

test('what cannot be written beside a journal is told as what it is, with a code, and not in the words of the system', async () => {
  const { id, release } = await lockRun(folder)
  await mkdir(join(folder, `cancel.${id}`))
  const taken = join(folder, 'taken')
  const tries = [() => new Answers(taken).box('key', 0).put({ answer: true }), () => new RunKeys(taken).claim('key', { runId: 'r', until: 0 }, undefined), () => askToCancel(folder)]
  const told = await Promise.all(tries.map((one) => one().then(() => undefined, (error: Error & { code: string }) => [error.code, error.message.slice(0, error.message.indexOf(' into '))])))
  expect(told).toEqual([
    ['journal/write_failed', 'The answer cannot be written'],
    ['journal/write_failed', 'The key of the run cannot be written'],
    ['journal/write_failed', 'The request to cancel cannot be written'],
  ])
  await release()
})
