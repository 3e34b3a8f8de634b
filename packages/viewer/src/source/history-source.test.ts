import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createClient } from '@supabase/supabase-js'
import { startSupabaseLocal, type SupabaseLocal } from '@track-orchestrator/supabase-local'
import { createRunReader, createSupabaseLog, migrationSql } from '@track-orchestrator/supabase-logger'
import { WebSocket } from 'ws'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { openSamples } from '../testing/sample-runs.ts'
import { modelOf, sourceSuite } from '../testing/source-suite.ts'
import { historySource } from './history-source.ts'

// On PostgreSQL and PostgREST, as the log writes it.

let folder: string
let supabase: SupabaseLocal
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'viewer-history-'))
  supabase = await startSupabaseLocal({ migrations: [migrationSql()] })
})
afterAll(async () => {
  await supabase?.stop()
  await rm(folder, { recursive: true, force: true })
})
const openSource = (tenantId = 'acme') => historySource({ reader: createRunReader(createClient(supabase.url, supabase.secretKey, { auth: { persistSession: false }, realtime: { transport: WebSocket as never } })), tenantId })
const openLog = () => createSupabaseLog({ url: supabase.url, key: supabase.secretKey, intervalMs: 20, payloads: true, spoolFolder: join(folder, 'spool') })

sourceSuite('a history in Supabase', async () => {
  const log = openLog()
  const samples = openSamples(join(folder, 'journal'), [log])
  await samples.begin('Reading', 'reading')
  samples.release()
  await samples.begin('Failing', 'failing')
  await log.flush(100_000, 'machine')
  const source = openSource()
  const close = async () => {
    source.close!()
    await log.close(100_000)
  }
  return { source, close }
})

describe('a history', () => {
  test('is followed while a run goes on', async () => {
    const log = openLog()
    const samples = openSamples(join(folder, 'live'), [log])
    const source = openSource()
    const going = samples.begin('Failing', 'live')
    await expect.poll(async () => (await modelOf(source, 'live').catch(() => undefined))?.steps.get('Failing/Beside/linger')?.status).toBe('running')
    expect(await source.run('live')).toMatchObject({ status: 'running', kind: 'orchestrator', acts: [] })
    samples.release()
    await going
    await expect.poll(async () => (await source.run('live')).status).toBe('succeeded')
    expect((await modelOf(source, 'live')).steps.get('Failing/Beside/linger')!.status).toBe('succeeded')
    source.close!()
    await log.close(100_000)
  })

  test("of one tenant is not another's", async () => {
    const other = openSource('other')
    expect((await other.list({})).runs).toEqual([])
    expect((await openSource().list({ tenantId: 'other' })).runs).toEqual([])
    await expect(other.run('reading')).rejects.toMatchObject({ code: 'viewer/unknown_run' })
  })
})
