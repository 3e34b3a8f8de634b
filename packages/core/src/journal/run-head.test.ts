import { appendFile, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import type { JournaledCalls } from './journaled-run.ts'
import { RememberedHeads } from './run-head.ts'

test('the head of an ended run is read once, until its journal is written to; everybody has a copy, and one of a run that goes on is read each time', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'run-head-'))
  await writeFile(join(folder, 'journal.jsonl'), 'a')
  const heads = new RememberedHeads()
  let reads = 0
  const look = async (status: 'failed' | 'open') => {
    const head = await heads.of(folder, () => Promise.resolve({ runId: 'r', status, startedAt: ++reads, payload: {}, heads: [] } as unknown as JournaledCalls))
    await rm(join(folder, 'run.json'), { force: true })
    return head
  }
  const first = await look('failed')
  Object.assign(first, { status: 'succeeded' })
  expect([await look('failed'), reads]).toEqual([{ runId: 'r', status: 'failed', startedAt: 1 }, 1])
  await appendFile(join(folder, 'journal.jsonl'), 'b')
  expect([await look('open'), await look('open')]).toMatchObject([{ startedAt: 2 }, { startedAt: 3 }])
  expect(await look('failed')).toMatchObject({ startedAt: 4 })
  heads.keep([])
  expect(await look('failed')).toMatchObject({ startedAt: 5 })
  await rm(folder, { recursive: true })
})
