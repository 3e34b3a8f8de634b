import { writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { createRunner } from '@track-orchestrator/core/in-process'
import { defineRegistry, defineTask } from '@track-orchestrator/registry'
import { afterEach, expect, test } from 'vitest'
import { z } from 'zod'
import type { SupabaseLogOptions } from './log-options.ts'
import { eventOf, openLog } from './testing/open-log.ts'
import { temporaryFolder } from './testing/temporary-folder.ts'

const closing: (() => void)[] = []
afterEach(() => {
  for (const close of closing.splice(0)) close()
})

/** Something that takes events as PostgREST does, or answers nothing until it is told to. */
async function service({ answers }: { readonly answers: boolean }) {
  const seen = { rows: 0, requests: 0 }
  const waiting: (() => void)[] = []
  let isOpen = answers
  const server = createServer((request, response) => {
    const parts: Buffer[] = []
    request.on('data', (part: Buffer) => parts.push(part))
    request.on('end', () => {
      const { length } = (JSON.parse(Buffer.concat(parts).toString()) as { events: unknown[] }).events
      seen.requests++
      const answer = () => {
        seen.rows += length
        response.writeHead(200, { 'content-type': 'application/json' }).end(String(length))
      }
      if (isOpen) answer()
      else waiting.push(answer)
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  closing.push(() => {
    server.closeAllConnections()
    server.close()
  })
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  const open = () => {
    isOpen = true
    for (const answer of waiting.splice(0)) answer()
  }
  return { seen, open, logWith: (options: SupabaseLogOptions = {}) => openLog({ url, secretKey: 'sb_secret_x' }, { intervalMs: 60_000, ...options }) }
}

const tasks = defineRegistry({ noop: defineTask({ name: 'noop', input: z.any(), output: z.any() }) })
const track = { name: 'Kept', enableSupabaseLogging: true, tasks: [{ taskName: 'noop' }] }
/** Longer than any test may take: who waited for it would fail. */
const flushMs = 600_000

test.each(['is silent', 'is not there'])('a run in this process does not wait for a Supabase that %s: its events lie in the spool', async (how) => {
  const { logWith, seen, open } = await service({ answers: false })
  const { log } = how === 'is silent' ? logWith() : openLog({ url: 'http://127.0.0.1:9', secretKey: 'sb_secret_x' })
  const runner = createRunner({ registry: tasks, handlers: { noop: (input: unknown) => input }, logs: [log], flushMs })
  expect(await runner.runTrack(track, { tenantId: 't', projectId: 'p', n: 1 })).toEqual({ n: 1 })
  const { written } = log.counts()
  expect(log.counts()).toMatchObject({ waiting: written, sent: 0 })
  if (how !== 'is silent') return
  // Sending begins when the run ends, not when the interval is over.
  await expect.poll(() => seen.requests).toBeGreaterThan(0)
  open()
  await log.flush(flushMs)
  expect(log.counts()).toMatchObject({ sent: written, waiting: 0 })
  await log.close(0)
})

test('flush waits until the events are stored where they are to outlive the machine; with no time to wait, sending begins all the same', async () => {
  const { logWith, seen, open } = await service({ answers: false })
  const { log } = logWith()
  log.write(eventOf('r', 1))
  await log.flush(0)
  await expect.poll(() => seen.requests).toBe(1)
  let isStored = false
  const stored = log.flush(flushMs, 'machine').then(() => (isStored = true))
  await log.flush(flushMs, 'process')
  expect(isStored).toBe(false)
  open()
  await stored
  expect(log.counts()).toMatchObject({ sent: 1, waiting: 0 })
  await log.close(0)
})

test('a Supabase that took nothing while it was waited for is away, until it takes something', async () => {
  const { logWith, open } = await service({ answers: false })
  const { log } = logWith()
  log.write(eventOf('r', 1))
  expect(log.isAway).toBe(false)
  await log.flush(1)
  expect(log.isAway).toBe(true)
  open()
  await log.flush(flushMs)
  expect(log.isAway).toBe(false)
  await log.close(0)
})

test('a Supabase that refuses connections is away after a few tries, and that is told once', async () => {
  const { log, codes } = openLog({ url: 'http://127.0.0.1:9', secretKey: 'sb_secret_x' }, { intervalMs: 1, retry: { minDelayMs: 1, maxDelayMs: 2 } })
  log.write(eventOf('r', 1))
  await expect.poll(() => log.isAway).toBe(true)
  expect(codes()).toEqual(['unreachable'])
  await log.close(0)
})

test('what the disk refused is waited for also in this process', async () => {
  const { logWith, open } = await service({ answers: false })
  const folder = temporaryFolder()
  writeFileSync(join(folder, 'file'), '')
  const { log, codes } = logWith({ spoolFolder: join(folder, 'file', 'spool') })
  log.write(eventOf('r', 1))
  expect(codes()).toEqual(['spool_failed'])
  let isSafe = false
  const safe = log.flush(flushMs, 'process').then(() => (isSafe = true))
  await log.flush(1, 'machine')
  expect(isSafe).toBe(false)
  open()
  await safe
  expect(log.counts()).toMatchObject({ sent: 1 })
  await log.close(0)
})
