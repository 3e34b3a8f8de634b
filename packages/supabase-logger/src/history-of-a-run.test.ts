import { forRegistry, type RunEvent, type RunLog } from '@track-orchestrator/core'
import { createRunner } from '@track-orchestrator/core/in-process'
import { defineRegistry, defineTask, ProviderError } from '@track-orchestrator/registry'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { z } from 'zod'
import { createRunReader } from './reader/run-reader.ts'
import { startHistoryProject, type HistoryProject } from './testing/history-project.ts'

let project: HistoryProject
beforeAll(async () => {
  project = await startHistoryProject()
})
afterAll(() => project.stop())

/** Secrets as they turn up in practice: in inputs, errors, notes, log lines, metadata and outputs. */
const secrets = {
  signature: 'c0ffee5eedc0ffee5eedc0ffee5eed',
  key: 'sk_live_1234567890abcdef',
  bearer: 'abcdefghijklmnopqrstuvwx',
  password: 'correct-horse-battery',
}
const signedUrl = `https://files.example.com/a.mp4?X-Amz-Credential=me&X-Amz-Signature=${secrets.signature}`

const fetchVideo = defineTask({
  name: 'fetch_video',
  input: z.object({ url: z.string(), apiKey: z.string() }),
  output: z.object({ url: z.string(), note: z.string() }),
  retry: { maxAttempts: 2, minDelayMs: 1, factor: 1, maxDelayMs: 1 },
})
const measure = defineTask({ name: 'measure', input: z.object({ url: z.string() }), output: z.object({ seconds: z.number() }) })
const registry = defineRegistry({ fetch_video: fetchVideo, measure })
const track = forRegistry(registry).defineTrack({ name: 'SecretTrack', enableSupabaseLogging: true, tasks: [{ taskName: 'fetch_video' }, { taskName: 'measure' }] })

/** Hands events to the database when it is flushed, as they are. */
function storingLog(): RunLog & { readonly written: RunEvent[] } {
  const written: RunEvent[] = []
  return { written, payloads: true, write: (event) => void written.push(event), flush: () => project.store(written) }
}

function run(log: RunLog, seconds: () => number) {
  const runner = createRunner({
    registry,
    logs: [log],
    handlers: {
      fetch_video: ({ url, apiKey }, { attempt, log: lines, progress, metadata }) => {
        lines.info(`asking ${url}`, { authorization: `Bearer ${secrets.bearer}`, nested: { password: secrets.password } })
        progress(0.5, `got half of ${signedUrl}`)
        metadata['request'] = { url: signedUrl, apiKey }
        if (attempt === 1) throw new ProviderError(`GET ${signedUrl} with Authorization: Bearer ${secrets.bearer}: 503`, { provider: 'Files', status: 503 })
        return { url: signedUrl, note: `used ${apiKey}` }
      },
      measure: () => ({ seconds: seconds() }),
    },
  })
  return runner.settleTrack(track, { tenantId: 'a', projectId: 'p', userId: 'u', url: signedUrl, apiKey: secrets.key })
}

test('the run of a track is in the database as the runner tells it, every event in its order', async () => {
  const log = storingLog()
  const result = await run(log, () => 12)
  const reader = createRunReader(project.tenant('a'))
  const found = await reader.readRun({ tenantId: 'a', runId: result.runId })
  expect(found).toMatchObject({ name: 'SecretTrack', kind: 'track', status: result.status, userId: 'u', durationMs: result.durationMs, eventCount: log.written.length })
  expect(found!.startedAt).toBe(log.written[0]!.at)
  expect(found!.steps.map(({ step, status, attempt }) => ({ step, status, attempt }))).toEqual([
    { step: 'fetch_video', status: 'succeeded', attempt: 2 },
    { step: 'measure', status: 'succeeded', attempt: 1 },
  ])
  const events: RunEvent[] = []
  for await (const event of reader.readEvents({ tenantId: 'a', runId: result.runId })) events.push(event)
  expect(events).toEqual(log.written)
  expect(events.filter((event) => 'durationMs' in event).map(({ type }) => type)).toEqual(['step.succeeded', 'step.succeeded', 'track.succeeded', 'run.succeeded'])
})

test('a run that failed says with what', async () => {
  const log = storingLog()
  const result = await run(log, () => Number.NaN)
  const found = await createRunReader(project.tenant('a')).readRun({ tenantId: 'a', runId: result.runId })
  expect(found).toMatchObject({ status: 'failed', error: { name: 'ContractError', code: 'contract_violated', taskName: 'measure', side: 'output' } })
})

test('keys, tokens, passwords and signed URLs reach no row, wherever they were', async () => {
  const log = storingLog()
  const { runId } = await run(log, () => 1)
  const [stored] = await project.sql('select (select jsonb_agg(e) from track_run_events e where run_id = $1)::text || (select jsonb_agg(r) from track_runs r where run_id = $1)::text as text', [runId])
  const text = String(stored?.['text'])
  expect(text).toContain('files.example.com')
  for (const secret of Object.values(secrets)) expect(text).not.toContain(secret)
})
