import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { createServer, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { startSupabaseLocal, type SupabaseLocal } from '@track-orchestrator/supabase-local'
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest'
import { migrationSql } from './migration-sql.ts'
import { sendSetAside } from './command/set-aside-again.ts'
import { eventOf, idsOf, openLog } from './testing/open-log.ts'
import { createEventsClient } from './writer/events-client.ts'
import { setAsideFile, type SetAsideEntry } from './writer/set-aside.ts'

// What stands between the log and Supabase may leave a request without an answer for what it holds, as a firewall does: that is no outage.

let supabase: SupabaseLocal
beforeAll(async () => {
  supabase = await startSupabaseLocal({ migrations: [migrationSql()] })
})
afterAll(() => supabase.stop())

type Fault = (answer: ServerResponse) => void
const faults: Record<string, Fault> = {
  'lets wait for ever': () => {},
  'cuts off': (answer) => answer.destroy(),
  'answers with a page and 403': (answer) => answer.writeHead(403, { 'content-type': 'text/html' }).end('<title>Attention Required!</title>'),
  'answers with a page and 502': (answer) => answer.writeHead(502, { 'content-type': 'text/html' }).end('<title>Bad Gateway</title>'),
  'answers with a page and 524': (answer) => answer.writeHead(524).end(),
}

/** In front of the local Supabase: whatever `isBad` says so of has that fault; the rest is handed on. */
async function gateway(fault: Fault, isBad: (body: string) => boolean) {
  const server = createServer(async (request, answer) => {
    const body = await text(request)
    if (isBad(body)) return fault(answer)
    const { host: _host, 'content-length': _length, connection: _connection, ...headers } = request.headers
    const reply = await fetch(`${supabase.url}${request.url}`, { method: request.method!, headers: headers as Record<string, string>, body })
    answer.writeHead(reply.status, { 'content-type': reply.headers.get('content-type') ?? '' }).end(await reply.text())
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  onTestFinished(() => {
    server.closeAllConnections()
    server.close()
  })
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, secretKey: supabase.secretKey }
}

const quick = { timeoutMs: 600, retry: { minDelayMs: 1, maxDelayMs: 20 }, holdMs: 100 }
const many = (runId: string, count: number, from = 1) => Array.from({ length: count }, (_, index) => eventOf(runId, from + index))

describe.each(Object.entries(faults))('a row that a gateway %s', (name, fault) => {
  test('costs that row only: it is set aside and told, and can be sent again, without holding up what lies beside it', async () => {
    let isIll = true
    const there = await gateway(fault, (body) => body.includes('poison') || (isIll && body.includes('fever')))
    const { log, spool, codes } = openLog(there, quick)
    const runId = `unanswered ${name}`
    const bad = eventOf(runId, 99, { message: 'poison' })
    for (const event of [...many(runId, 8), bad, eventOf(runId, 98, { message: 'fever' }), ...many(runId, 7, 10), ...many(`beside ${name}`, 20)]) log.write(event)
    await log.flush(100_000)
    expect(await idsOf(supabase, `beside ${name}`)).toHaveLength(20)
    expect(await idsOf(supabase, runId)).toHaveLength(15)
    expect(log.counts()).toMatchObject({ sent: 35, refused: 2, waiting: 0, dropped: 0 })
    const entries = readFileSync(join(spool(), setAsideFile), 'utf8').trim().split('\n').map((line) => JSON.parse(line) as SetAsideEntry & { row: { id: string } })
    expect(entries.map(({ row }) => row.id)).toContain(bad.id)
    expect(codes()).toContain('row_refused')
    await log.close(0)
    const client = (url: string) => createEventsClient(url, supabase.secretKey)
    isIll = false
    expect(await sendSetAside(client(there.url), spool(), quick)).toEqual({ sent: 1, left: 1 })
    expect(await sendSetAside(client(supabase.url), spool())).toEqual({ sent: 1, left: 0 })
  })
})

test.each(Object.entries(faults))('a gateway that %s whatever is sent, also nothing, is away: no row is set aside', async (name, fault) => {
  let isAway = true
  const { log, codes } = openLog(await gateway(fault, () => isAway), quick)
  const runId = `away ${name}`
  for (const event of many(runId, 30)) log.write(event)
  await log.flush(100)
  await expect.poll(codes).toEqual([name.includes('403') ? 'write_forbidden' : 'unreachable'])
  expect(log.counts()).toMatchObject({ sent: 0, refused: 0, waiting: 30 })
  expect(log.isAway).toBe(true)
  isAway = false
  await log.flush(100_000)
  expect(log.counts()).toMatchObject({ sent: 30, refused: 0, waiting: 0 })
  await log.close(0)
})

test('a service that is so busy that it answers every third request sets nothing aside', async () => {
  let requests = 0
  const { log } = openLog(await gateway((answer) => answer.writeHead(503).end(), () => ++requests % 3 !== 0), quick)
  for (const runId of ['busy-1', 'busy-2', 'busy-3']) for (const event of many(runId, 200)) log.write(event)
  await log.flush(100_000)
  expect(log.counts()).toMatchObject({ sent: 600, refused: 0, waiting: 0 })
  await log.close(0)
})
