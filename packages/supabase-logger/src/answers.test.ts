import { once } from 'node:events'
import { readdirSync } from 'node:fs'
import { createServer as createHttpServer } from 'node:http'
import { createServer, type AddressInfo, type Socket } from 'node:net'
import { createClient } from '@supabase/supabase-js'
import { exampleEvents } from '@track-orchestrator/core/testing'
import { startSupabaseLocal, type SupabaseLocal } from '@track-orchestrator/supabase-local'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { WebSocket } from 'ws'
import { migrations, migrationSql } from './migration-sql.ts'
import { createRunReader } from './reader/run-reader.ts'
import { idsOf, openLog, saidSomething } from './testing/open-log.ts'
import { firstMigration } from './writer/answer.ts'

let supabase: SupabaseLocal
beforeAll(async () => {
  supabase = await startSupabaseLocal({ migrations: [migrationSql()] })
})
afterAll(() => supabase.stop())

describe('where Supabase says no to everything', () => {
  test('a refused token holds the events and is said once; with a good one they go on', async () => {
    let token = supabase.tokenFor({ role: 'service_role', exp: 1 })
    const client = createClient(supabase.url, supabase.anonKey, { accessToken: async () => token, realtime: { transport: WebSocket as never } })
    const { log, notices } = openLog(supabase, { client, holdMs: 100 })
    const events = exampleEvents()
    for (const event of events) log.write(event)
    await saidSomething(notices)
    await log.flush(500)
    expect(notices).toEqual([{ code: 'credentials_refused', message: expect.stringContaining('SUPABASE_SERVICE_ROLE_KEY') as string }])
    expect(log.counts()).toMatchObject({ waiting: 14, sent: 0 })
    token = supabase.tokenFor({ role: 'service_role' })
    await log.flush(100_000)
    expect(await idsOf(supabase, events[0]!.runId)).toEqual(events.map(({ id }) => id))
    expect(notices.map(({ code }) => code)).toEqual(['credentials_refused', 'recovered'])
    expect(JSON.stringify(notices)).not.toContain(token.slice(0, 20))
  })

  test('a key that may not write is told from one that is refused', async () => {
    const { log, notices } = openLog(supabase, { key: supabase.anonKey })
    log.write(exampleEvents()[0]!)
    await saidSomething(notices)
    expect(notices).toEqual([{ code: 'write_forbidden', message: expect.stringContaining("service role's key") as string }])
    expect(log.counts()).toMatchObject({ waiting: 1, refused: 0 })
  })

  test('without the migration there is one line that names it, and events wait for it', async () => {
    const bare = await startSupabaseLocal()
    try {
      const { log, notices, spool } = openLog(supabase, { url: bare.url, key: bare.serviceRoleKey, holdMs: 50 })
      const events = Array.from({ length: 5 }, () => exampleEvents()).flat()
      for (const event of events) log.write(event)
      await saidSomething(notices)
      await log.flush(500)
      expect(notices).toEqual([{ code: 'migration_missing', message: expect.stringContaining(firstMigration) as string }])
      expect(log.counts()).toMatchObject({ waiting: 70, refused: 0 })
      expect(readdirSync(spool())).not.toContain('dead.jsonl')
      for (const { sql } of migrations()) await bare.sql(sql)
      await bare.sql(`notify pgrst, 'reload schema'`)
      await log.flush(100_000)
      expect(await bare.sql('select count(*)::int from track_run_events')).toEqual([{ count: 70 }])
      expect(notices.map(({ code }) => code)).toEqual(['migration_missing', 'recovered'])
      await log.close(0)
    } finally {
      await bare.stop()
    }
  })

  test('the migration that is named is the first that there is', () => {
    expect(firstMigration).toBe(`supabase/migrations/${migrations()[0]!.name}`)
  })

  test('an address where nobody answers is said once, after a few tries', async () => {
    const { log, notices } = openLog(supabase, { url: 'http://127.0.0.1:1', retry: { maxDelayMs: 20 } })
    log.write(exampleEvents()[0]!)
    await saidSomething(notices)
    await log.flush(500)
    expect(notices).toEqual([{ code: 'unreachable', message: expect.stringMatching(/^Supabase does not take events: no answer/) as string }])
    await log.close(0)
  })

  test.each([
    ['an empty 404', 404, ''],
    ['an empty list with a 404', 404, '[]'],
    ['a page', 200, '<html>Welcome</html>'],
    ['a list', 200, '[]'],
    ['an empty 204', 204, ''],
    ['a 201 without a body', 201, ''],
    ['a 200 without a body', 200, ''],
    ['a 200 that counts more than was sent', 200, '15'],
    ['a 200 that counts less than nothing', 200, '-1'],
    ['a 200 that counts with words', 200, '"all"'],
    ['a 202 that counts', 202, '14'],
    ['a 201 that counts', 201, '14', { 'content-range': '*/14' }],
    ['a 200 with something else', 200, '{"ok":true}'],
    ["a page of the network's own", 521, '<!DOCTYPE html><title>521: Web server is down</title>'],
  ] as [string, number, string, Record<string, string>?][])('an address where something else answers gets no event for sent: %s', async (_, status, body, headers = {}) => {
    let answers = 0
    const server = createHttpServer((request, response) => request.resume().on('end', () => response.writeHead(status, headers).end(body, () => answers++))).listen(0, '127.0.0.1')
    await once(server, 'listening')
    const { log } = openLog(supabase, { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, retry: { maxDelayMs: 20 }, holdMs: 20 })
    for (const event of exampleEvents()) log.write(event)
    await expect.poll(() => answers).toBeGreaterThan(2)
    expect(log.counts()).toMatchObject({ waiting: 14, sent: 0, refused: 0 })
    await log.close(0)
    server.closeAllConnections()
    server.close()
  })

  test('one that takes a request and never answers is given up in time, and asked again', async () => {
    const sockets: Socket[] = []
    const server = createServer((socket) => sockets.push(socket)).listen(0, '127.0.0.1')
    await once(server, 'listening')
    const { log } = openLog(supabase, { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, timeoutMs: 50, retry: { maxDelayMs: 20 } })
    try {
      log.write(exampleEvents()[0]!)
      await expect.poll(() => sockets.length).toBeGreaterThan(3)
      expect(log.counts()).toMatchObject({ waiting: 1 })
    } finally {
      await log.close(0)
      for (const socket of sockets) socket.destroy()
      server.close()
    }
  })
})

test('a service that asks to be left alone is, for as long as it says', async () => {
  const times: number[] = []
  const server = createHttpServer((request, response) => request.resume().on('end', () => (times.push(performance.now()), response.writeHead(429, { 'retry-after': '2' }).end()))).listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { log } = openLog({ url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, secretKey: 'sb_secret_x' }, { retry: { maxDelayMs: 5 } })
  log.write(exampleEvents()[0]!)
  await expect.poll(() => times.length).toBe(2)
  expect(times[1]! - times[0]!).toBeGreaterThan(1_990)
  await log.close(0)
  server.closeAllConnections()
  server.close()
})

test('a key that is no token goes in the header apikey, and nowhere else', async () => {
  const seen: unknown[] = []
  const server = createHttpServer((request, response) => request.resume().on('end', () => (seen.push([request.headers['apikey'], request.headers.authorization]), response.writeHead(200, { 'content-type': 'application/json' }).end('1')))).listen(0, '127.0.0.1')
  await once(server, 'listening')
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  for (const secretKey of ['sb_secret_x', 'header.payload.signature']) {
    const { log } = openLog({ url, secretKey })
    log.write(exampleEvents()[0]!)
    await log.close(100_000)
  }
  expect(seen).toEqual([['sb_secret_x', undefined], ['header.payload.signature', 'Bearer header.payload.signature']])
  server.closeAllConnections()
  server.close()
})

test('a client whose own schema is another one finds the tables where they are; one that is named is asked', async () => {
  const client = createClient(supabase.url, supabase.secretKey, { db: { schema: 'app' as never }, realtime: { transport: WebSocket as never } })
  const { log, notices } = openLog(supabase, { client })
  const events = exampleEvents()
  for (const event of events) log.write(event)
  await log.close(100_000)
  expect(await idsOf(supabase, events[0]!.runId)).toHaveLength(14)
  expect(notices).toEqual([])
  const { tenantId, runId } = events[0]!
  expect(await createRunReader(client as never).readRun({ tenantId, runId })).toMatchObject({ runId, eventCount: 14 })
  await expect(createRunReader(client as never, { schema: 'app' }).readRun({ tenantId, runId })).rejects.toThrow('not in the schema app')

  const elsewhere = openLog(supabase, { schema: 'app' })
  elsewhere.log.write(events[0]!)
  await saidSomething(elsewhere.notices)
  expect(elsewhere.notices).toEqual([{ code: 'migration_missing', message: expect.stringContaining('PGRST106') as string }])
  await elsewhere.log.close(0)
})
