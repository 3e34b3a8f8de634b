import { createRequire } from 'node:module'
import { fileURLToPath } from 'node:url'
import { errorToJson, TerminalError } from '@track-orchestrator/registry'
import { expect, test } from 'vitest'
import { forkOptions, resumeOptions } from '../crossing/resume.ts'
import { createClient } from './index.ts'

const base = { tenantId: 't', projectId: 'p' }
const createdAt = new Date(0)

test.each([
  ['QUEUED', 'queued'],
  ['DELAYED', 'queued'],
  ['EXECUTING', 'running'],
  ['WAITING', 'waiting'],
  ['A_STATUS_TO_COME', 'running'],
  ['constructor', 'running'],
])('a run that Trigger.dev calls %s is %s', async (triggerStatus, status) => {
  const state = await createClient().stateOf({ id: 'run_1', taskIdentifier: 'T', status: triggerStatus, createdAt, metadata: { progress: { fraction: 0.5 } } })
  expect(state).toEqual({ id: 'run_1', name: 'T', status, triggerStatus, createdAt, progress: { fraction: 0.5 } })
})

test.each([
  ['EXPIRED', 'failed', 'engine/run_expired'],
  ['SYSTEM_FAILURE', 'failed', 'engine/system_failure'],
  ['CRASHED', 'failed', 'engine/run_crashed'],
  ['TIMED_OUT', 'failed', 'timed_out'],
  ['CANCELED', 'cancelled', 'cancelled'],
])('a run that ended as %s has %s with an error of the code %3$s, which names it', async (triggerStatus, status, code) => {
  expect(await createClient().stateOf({ id: 'run_1', taskIdentifier: 'T', status: triggerStatus, createdAt })).toMatchObject({ status, triggerStatus, error: { code } })
})

test('a status to come is an end where the SDK says so, and a part of another run is refused', async () => {
  const run = { id: 'run_1', taskIdentifier: 'T', status: 'A_STATUS_TO_COME', createdAt, metadata: {} }
  expect(await createClient().stateOf({ ...run, isCompleted: true, isSuccess: false })).toMatchObject({ status: 'failed', error: { message: 'The run ended as A_STATUS_TO_COME' } })
  expect(await createClient().stateOf({ ...run, isCompleted: true, isSuccess: true, output: 1 })).toMatchObject({ status: 'succeeded', output: 1 })
  const call = { runId: 'run_root', runName: 'Flow', walkId: 'run_root', track: 'T', step: 's', parentPath: 'T', segment: 's' }
  await expect(createClient().stateOf({ ...run, metadata: { trackOrchestrator: { call } } })).rejects.toMatchObject({ code: 'client/other_run', message: 'run_1 is a part of run_root: ask for that run.' })
})

test('an output that only looks like an envelope is not opened, and one that lies in a store is asked for there', async () => {
  const run = { id: 'run_1', taskIdentifier: 'CountTrack', status: 'COMPLETED', createdAt }
  const output = { job: { success: true, taskName: 'count_words' }, results: 1 }
  expect(await createClient().stateOf({ ...run, output, metadata: {} })).toMatchObject({ output })
  expect(await createClient().stateOf({ ...run, taskIdentifier: 'count_words', output, metadata: {} })).toMatchObject({ output: 1 })
  const claimed = { ...run, metadata: { trackOrchestrator: { output: { hash: 'a'.repeat(64), sizeBytes: 9 } } } }
  await expect(createClient().stateOf(claimed)).rejects.toThrow('lies in the payload store')
})

test('the error of a failed run is as it was thrown, where it stands in the metadata', async () => {
  const error = errorToJson(new TerminalError('no such bucket', { place: { track: 'T', step: 'put' } }))
  expect(await createClient().stateOf({ id: 'run_1', taskIdentifier: 'T', status: 'FAILED', createdAt, error: { message: 'no such bucket' }, metadata: { trackOrchestrator: { error } } })).toMatchObject({
    status: 'failed',
    error: { code: 'terminal', place: { track: 'T', step: 'put' } },
  })
})

test('what is no run is refused before anything is asked, and nothing is resumed or forked without one', async () => {
  const client = createClient()
  for (const run of [undefined, {}, 5, ''] as unknown as string[]) {
    for (const asked of [client.retrieve(run), client.cancel(run), client.resume(run), client.steps(run)]) await expect(asked).rejects.toMatchObject({ code: 'definition_invalid', message: expect.stringContaining('runId') as string })
    expect(() => resumeOptions(typeof run === 'string' ? run : undefined!)).toThrow('resumeOptions: runId')
  }
  expect(() => forkOptions(undefined as never, { from: 'step' })).toThrow('forkOptions: runId is required')
})

test('metadata under our key is refused, as are options that are none', async () => {
  await expect(createClient().trigger('T' as never, base as never, { metadata: { trackOrchestrator: { resumeOf: 'run_2' } } })).rejects.toThrow(/is reserved/)
  expect(() => createClient({ store: {} } as object)).toThrow(/store/)
  await expect(createClient().wait('run_1', { pollMs: 1 })).rejects.toThrow(/pollMs/)
})

test('a backend bundles the client without handlers, engines and runners', async () => {
  const esbuild = createRequire(createRequire(import.meta.url).resolve('tsx/package.json'))('esbuild') as { build: (options: object) => Promise<{ metafile: { inputs: Record<string, unknown> } }> }
  const { metafile } = await esbuild.build({
    stdin: { contents: `import { forkOptions, resumeOptions } from '../crossing/resume.ts'
import { createClient } from './index.ts'; globalThis.client = createClient()`, resolveDir: fileURLToPath(new URL('.', import.meta.url)) },
    ...{ bundle: true, write: false, metafile: true, platform: 'node', format: 'esm', external: ['@trigger.dev/sdk'], conditions: ['@track-orchestrator/source'] },
  })
  const inputs = Object.keys(metafile.inputs)
  expect(inputs.some((input) => input.endsWith('client/create-client.ts'))).toBe(true)
  expect(inputs.filter((input) => /media-tasks|packages\/core|src\/(engine|runs)\/|ffmpeg|supabase/.test(input))).toEqual([])
})
