import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import type { RunEvent, RunLog } from '@track-orchestrator/core'
import { startSupabaseLocal, type SupabaseLocal } from '@track-orchestrator/supabase-local'
import { createSupabaseLog, migrationSql } from '@track-orchestrator/supabase-logger'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { orchestrators } from './tracks.config.ts'
import { readerOf } from './demo/local-history.ts'
import { createLocalRunner } from './local-runner.ts'

const sample = fileURLToPath(new URL('../sample/sense-and-sensibility.webm', import.meta.url))
const base = { tenantId: 'tenant-1', projectId: 'project-1', userId: 'user-1' }

let folder: string
let project: SupabaseLocal
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'history-test-'))
  project = await startSupabaseLocal({ migrations: [migrationSql()] })
})
afterAll(async () => {
  await project.stop()
  await rm(folder, { recursive: true, force: true })
})

test('every event of VoiceConversion is in the database, in order, and its row is what the runner returned', { timeout: 240_000 }, async () => {
  const written: RunEvent[] = []
  const recorder: RunLog = { write: (event) => void written.push(event), flush: () => Promise.resolve() }
  const log = createSupabaseLog({ url: project.url, key: project.serviceRoleKey, spoolFolder: join(folder, 'spool') })
  const runner = await createLocalRunner({ env: process.env, storageFolder: join(folder, 'storage'), readableFolders: [dirname(sample)], logs: [log, recorder] })
  const result = await runner.settleOrchestrator(orchestrators.VoiceConversion, { ...base, url: pathToFileURL(sample).href })
  if (result.status !== 'succeeded') throw result.error

  await log.flush(10_000)
  const key = { tenantId: base.tenantId, runId: result.runId }
  const reader = readerOf(project, base.tenantId)
  const events: RunEvent[] = []
  for await (const event of reader.readEvents(key)) events.push(event)
  expect(written.length).toBeGreaterThan(40)
  expect(events).toEqual(written)
  for (const event of events) if (/^(?:run|track|step)\.succeeded$/.test(event.type)) expect(event).toHaveProperty('durationMs', expect.any(Number))

  const run = await reader.readRun(key)
  expect(run).toMatchObject({ ...base, name: 'VoiceConversion', kind: 'orchestrator', status: 'succeeded', durationMs: result.durationMs, eventCount: written.length })
  expect(Math.abs(run!.startedAt - result.startedAt)).toBeLessThan(1_000)
  const steps = Object.values(orchestrators.VoiceConversion.tracks).flatMap((track) => track.tasks.map(({ taskName }) => taskName))
  expect(run!.steps.filter(({ nested }) => !nested).map(({ step }) => step).toSorted()).toEqual([...steps, 'merge_audio_video'].toSorted())
  expect(await readerOf(project, 'tenant-2').readRun(key)).toBeUndefined()

  await log.close(5_000)
  expect(log.counts()).toMatchObject({ written: written.length, sent: written.length, waiting: 0, refused: 0, dropped: 0 })
})
