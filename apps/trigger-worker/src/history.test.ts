import { spawn } from 'node:child_process'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { text } from 'node:stream/consumers'
import { fileURLToPath, pathToFileURL } from 'node:url'
import type { RunEvent, RunLog } from '@track-orchestrator/core'
import { createRunner } from '@track-orchestrator/core/in-process'
import { defineRegistry, defineTask, type TaskContext } from '@track-orchestrator/registry'
import { startSupabaseLocal, type SupabaseLocal } from '@track-orchestrator/supabase-local'
import { createSupabaseLog, migrationSql } from '@track-orchestrator/supabase-logger'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { z } from 'zod'
import { orchestrators } from './tracks.config.ts'
import { readerOf } from './demo/local-history.ts'
import { createLocalRunner } from './local-runner.ts'

const sample = fileURLToPath(new URL('../sample/sense-and-sensibility.webm', import.meta.url))
const base = { tenantId: 'tenant-1', projectId: 'project-1', userId: 'user-1' }

let folder: string
let project: SupabaseLocal
let runId = ''
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

  await log.flush(100_000)
  runId = result.runId
  const key = { tenantId: base.tenantId, runId }
  const reader = readerOf(project, base.tenantId)
  const events: RunEvent[] = []
  for await (const event of reader.readEvents(key)) events.push(event)
  expect(written.length).toBeGreaterThan(40)
  expect(events).toEqual(written)
  for (const event of events) if (/^(?:run|track|step)\.succeeded$/.test(event.type)) expect(event).toHaveProperty('durationMs', expect.any(Number))

  const run = await reader.readRun(key)
  expect(run).toMatchObject({ ...base, name: 'VoiceConversion', kind: 'orchestrator', status: 'succeeded', durationMs: result.durationMs, eventCount: written.length })
  expect(run!.startedAt).toBe(written[0]!.at)
  const steps = Object.values(orchestrators.VoiceConversion.tracks).flatMap((track) => track.tasks.map(({ taskName }) => taskName))
  expect(run!.steps.filter(({ nested }) => !nested).map(({ step }) => step).toSorted()).toEqual([...steps, 'merge_audio_video'].toSorted())
  expect(await readerOf(project, 'tenant-2').readRun(key)).toBeUndefined()

  await log.close(100_000)
  expect(log.counts()).toMatchObject({ written: written.length, sent: written.length, waiting: 0, refused: 0, dropped: 0 })
})

const ours = ['--tenant', base.tenantId]
/** The command on the history. */
async function tracks(...args: string[]) {
  const root = fileURLToPath(new URL('../../..', import.meta.url))
  const env = { ...process.env, INIT_CWD: folder, COLUMNS: '120', SUPABASE_URL: project.url, SUPABASE_SERVICE_ROLE_KEY: project.serviceRoleKey }
  const child = spawn(process.execPath, ['--conditions=@track-orchestrator/source', 'tools/start.mjs', 'packages/cli/src/main.ts', '--config', 'apps/trigger-worker/tracks.config.ts', ...args, '--supabase'], { cwd: root, env, stdio: ['ignore', 'pipe', 'pipe'] })
  const [out, err, exitCode] = await Promise.all([text(child.stdout), text(child.stderr), new Promise<number | null>((resolve) => child.on('exit', resolve))])
  return { out, err, exitCode }
}

test('tracks --supabase lists and shows the runs of a tenant, and says in a line what a history cannot answer', async () => {
  const [listed, shown, others, why] = [
    await tracks('runs', '--status', 'succeeded', ...ours, '--json'), await tracks('show', 'last', ...ours), await tracks('show', runId, '--tenant', 'tenant-2'),
    await tracks('why', runId),
  ]
  expect(JSON.parse(listed.out)).toMatchObject([{ runId, name: 'VoiceConversion', status: 'succeeded', tenantId: base.tenantId }])
  expect(shown).toMatchObject({ exitCode: 0, out: expect.stringMatching(/^AudioProcessingTrack\/elevenlabs_text_to_speech_batch +succeeded +[\d.]+ m?s +1$/m) as string })
  expect(others).toMatchObject({ exitCode: 4, err: expect.stringContaining(`The history holds no run "${runId}" of tenant-2`) as string })
  expect(why).toMatchObject({ exitCode: 2, err: expect.stringMatching(/^A history does not hold what steps were given.*\n$/) as string })
})

test('tracks show --supabase tells what a run and each of its steps have paid', async () => {
  const log = createSupabaseLog({ url: project.url, key: project.serviceRoleKey, spoolFolder: join(folder, 'spool') })
  const said = z.object({ text: z.string() })
  const registry = defineRegistry({ say: defineTask({ name: 'say', input: said, output: said }) })
  const say = ({ text: words }: { text: string }, { cost }: TaskContext) => {
    cost({ amount: words.length, unit: 'characters' })
    return { text: words }
  }
  const paid = await createRunner({ registry, handlers: { say }, logs: [log] }).settleTrack({ name: 'Paid', enableSupabaseLogging: true, tasks: [{ taskName: 'say' }, { taskName: 'say', id: 'again' }] }, { ...base, text: 'abc' })
  await log.close(100_000)
  const { out } = await tracks('show', paid.runId, ...ours)
  expect(out).toMatch(/^Paid: 6 characters$/m)
  expect(out).toMatch(/^again +succeeded +\d+ ms +1 +3 characters$/m)
})
