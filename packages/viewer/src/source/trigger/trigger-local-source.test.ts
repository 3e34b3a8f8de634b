import { connectTriggerLocal, startTriggerDevServer, type TriggerDevServer } from '@track-orchestrator/trigger-local'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { startFakeWorker, type FakeWorker } from '../../../../trigger-local/src/testing/fake-worker.ts'
import { modelOf } from '../../testing/source-suite.ts'
import { triggerLocalSource } from './trigger-local-source.ts'

// Runs that no track made: the suite of sources, on runs of tracks, is run by trigger-engine's tests, through the real command.

let server: TriggerDevServer
let worker: FakeWorker
const open = () => triggerLocalSource({ url: server.url, key: server.secretKey })
const trigger = async (payload: unknown, options: object = {}) => (await connectTriggerLocal(server).trigger('plain', payload, options)).id
beforeAll(async () => {
  server = await startTriggerDevServer()
  worker = await startFakeWorker(server, [{ id: 'plain' }, { id: 'child' }])
})
afterAll(() => server?.close())

test('a plain task shows as one step, with the tasks that it called inside it', async () => {
  const id = await trigger({ text: '<b>', password: 'hunter22' })
  const attempt = await worker.takeOne()
  await attempt.trigger('child', { n: 1 }, { resumeParentOnCompletion: true })
  await (await worker.takeOne()).succeed({ n: 2 })
  await attempt.resumed()
  await attempt.succeed({ done: true })
  const source = open()
  expect(await source.run(id)).toMatchObject({ name: 'plain', status: 'succeeded', tenantId: '', payload: { text: '<b>', password: '[redacted]' } })
  const { steps, status } = await modelOf(source, id)
  expect(status).toBe('succeeded')
  expect([...steps.values()].map(({ path, nested, taskName, status: how }) => [path.split('/')[0], nested, taskName, how])).toEqual([['plain', false, 'plain', 'succeeded'], ['plain', true, 'child', 'succeeded']])
  const [own, child] = [...steps.values()]
  expect(await source.value(id, own!.output!)).toEqual({ done: true })
  expect(await source.value(id, child!.input!)).toEqual({ n: 1 })
})

test('one that fails, and one that is cancelled before it begins, end so', async () => {
  const [failing, cancelled] = [await trigger({}), await trigger({})]
  for (const attempt of await worker.takeMany(2)) await (attempt.runId === failing ? attempt.fail({ type: 'BUILT_IN_ERROR', name: 'TypeError', message: 'no token=abcdef123456 here', stackTrace: '' }) : connectTriggerLocal(server).runs.cancel(cancelled))
  expect((await modelOf(open(), failing)).error).toMatchObject({ name: 'TypeError', message: 'no token=[redacted] here' })
  expect((await open().list({ status: 'failed' })).runs.map(({ runId }) => runId)).toEqual([failing])
})

test.each([
  ['text', 'trackOrchestrator'],
  ['a call without its place', { call: { track: 7 } }],
  ['a track of nothing', { track: { path: 'a', ownPath: 'a/b', owner: null } }],
  ['a list', [1]],
])('metadata under the key of tracks that none of ours wrote (%s) is none', async (_what, carried) => {
  const id = await trigger({ n: 1 }, { metadata: JSON.stringify({ trackOrchestrator: carried }), metadataType: 'application/json' })
  await (await worker.takeOne()).succeed({ n: 2 })
  expect([...(await modelOf(open(), id)).steps.values()]).toMatchObject([{ taskName: 'plain', status: 'succeeded' }])
})

test('what is told grows only at its end while a run goes on', async () => {
  const id = await trigger({ n: 1 })
  const source = open()
  const before = await source.events(id)
  const attempt = await worker.takeOne()
  await attempt.succeed(1)
  const after = await source.events(id)
  expect(after.events.slice(0, before.events.length)).toEqual(before.events)
  expect((await source.events(id, before.next)).events.map(({ type }) => type)).toContain('run.succeeded')
})

test.each(['https://127.0.0.1:1', 'http://localhost.evil.example:1', 'http://198.51.100.1', 'http://user:secretword1@elsewhere.example/', 'file:///etc/passwd', 'here'])('%s is no address of it, and is asked nothing', (url) => {
  expect(() => triggerLocalSource({ url, key: 'key' })).toThrow(/^(?!.*secretword1).*is no address of trigger-local/)
})
