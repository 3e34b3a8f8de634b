import { startTriggerDevServer, type TriggerDevServer } from '@track-orchestrator/trigger-local'
import { configure } from '@trigger.dev/sdk'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { createClient } from './create-client.ts'
import type { ManyQuery } from './many-runs.ts'

const client = createClient<{ tracks: { counting: { name: 'Counting'; tasks: [] }; telling: { name: 'Telling'; tasks: [] } } }>()
const payload = (tenantId: string, projectId = 'p') => ({ tenantId, projectId, text: 'one two' })
const waiting = { pollMs: 100 }
const ids = (runs: readonly { readonly id: string }[]) => runs.map(({ id }) => id).toSorted()

// A server that no worker serves: runs are created, and wait.
let server: TriggerDevServer
beforeEach(async () => {
  server = await startTriggerDevServer()
  configure({ baseURL: server.url, accessToken: server.secretKey, requestOptions: { retry: { maxAttempts: 2, minTimeoutInMs: 10, maxTimeoutInMs: 20 } } })
})
afterEach(() => server.close())

test('a run carries its tenant and its project as tags, beside those of the caller, and what goes on with it does', async () => {
  const first = await client.trigger('Counting', payload('acme'), { tags: ['own'] })
  const full = await client.trigger('Counting', payload('acme'), { tags: Array.from({ length: 9 }, (_, index) => `own-${index}`) })
  const again = await client.resume(first)
  expect(server.run(first.id)?.tags).toEqual(['own', 'tenant:acme', 'project:p'])
  expect(server.run(full.id)?.tags).toHaveLength(9)
  expect(server.run(again.id)?.tags).toEqual(['tenant:acme', 'project:p'])
})

test('all that a query finds are cancelled, and of each it is told what became of it; the others go on', async () => {
  const meant = [await client.trigger('Counting', payload('acme')), await client.trigger('Counting', payload('acme'), { tags: 'own' })]
  const others = [await client.trigger('Counting', payload('acme', 'q')), await client.trigger('Telling', payload('acme')), await client.trigger('Counting', payload('other'))]
  const part = await client.trigger('Counting', payload('acme'), { tags: ['track:Counting'] })
  expect(await client.cancelAll({ tenantId: 'acme', status: 'succeeded' })).toEqual([])
  const told = await client.cancelAll({ tenantId: 'acme', projectId: 'p', name: 'Counting' }, waiting)
  expect(told.toSorted((a, b) => a.id.localeCompare(b.id))).toEqual(ids(meant).map((id) => ({ id, name: 'Counting', became: 'cancelled' })))
  for (const { id } of [...others, part]) expect((await client.retrieve(id)).status).toBe('queued')
})

test('of more runs than a page of the list has, none is left', async () => {
  const started = await Promise.all(Array.from({ length: 130 }, () => client.trigger('Counting', payload('acme'))))
  expect(ids(await client.cancelAll({ tenantId: 'acme' }, waiting))).toEqual(ids(started))
  expect(await client.list({ status: 'queued' })).toEqual([])
})

test('what is refused for one run is told of that one', async () => {
  const [first, second] = [await client.trigger('Counting', payload('acme')), await client.trigger('Counting', payload('acme'))]
  server.faults.push({ method: 'POST', path: new RegExp(`${first.id}/cancel$`), kind: 500, times: 9 })
  const told = await client.cancelAll({ tenantId: 'acme' }, waiting)
  expect(told.find(({ id }) => id === first.id)).toMatchObject({ became: 'not_cancelled', error: { code: 'provider_failed' } })
  expect(told.find(({ id }) => id === second.id)).toMatchObject({ became: 'cancelled' })
})

test('all that stopped are resumed, each once: not where another run has taken one up, and then that one', async () => {
  const stopped = [await client.trigger('Counting', payload('acme')), await client.trigger('Telling', payload('acme'))]
  const going = await client.trigger('Counting', payload('acme'))
  for (const run of stopped) await client.cancel(run)
  const told = await client.resumeAll({ tenantId: 'acme' })
  expect(ids(told)).toEqual(ids(stopped))
  const begun = told.map((run) => (run.became === 'resumed' ? run.run : expect.unreachable()))
  for (const { id, name, ...rest } of told) expect(rest.became === 'resumed' && server.run(rest.run.id)).toMatchObject({ task: name, metadata: { trackOrchestrator: { resumeOf: id } } })
  expect(await client.resumeAll({ tenantId: 'acme' })).toEqual([])
  await client.cancel(begun[0]!)
  expect(ids(await client.resumeAll({ tenantId: 'acme', status: 'cancelled' }))).toEqual([begun[0]!.id])
  expect((await client.retrieve(going)).status).toBe('queued')
})

test('a run that could not be started is told of by the one that it was to go on with', async () => {
  const stopped = await client.trigger('Counting', payload('acme'))
  await client.cancel(stopped)
  server.faults.push({ method: 'POST', path: /trigger$/, kind: 503, times: 9 })
  expect(await client.resumeAll({ name: 'Counting' })).toMatchObject([{ id: stopped.id, became: 'not_resumed', error: { code: 'provider_failed' } }])
})

test('a run of more than 7 days ago is found, also where nothing is said of when', async () => {
  const run = await client.trigger('Counting', payload('acme'))
  Object.assign(server.run(run.id)!, { createdAt: new Date(Date.now() - 30 * 86_400_000) })
  expect(ids(await client.list())).toEqual([run.id])
  expect(await client.cancelAll({ tenantId: 'acme', since: new Date(Date.now() - 1_000) })).toEqual([])
  expect(await client.cancelAll({ tenantId: 'acme' }, waiting)).toMatchObject([{ id: run.id, became: 'cancelled' }])
  expect(await client.resumeAll({ tenantId: 'acme' })).toMatchObject([{ id: run.id, became: 'resumed' }])
})

test.each([{}, { tenantId: undefined }])('a query that says nothing is refused: %j', async (query) => {
  const refused = { code: 'definition_invalid', message: expect.stringContaining('every run') as string }
  await expect(client.cancelAll(query as ManyQuery)).rejects.toMatchObject(refused)
  await expect(client.resumeAll(query as ManyQuery)).rejects.toMatchObject(refused)
  await expect(client.cancelAll({ tenant: 'acme' } as never)).rejects.toMatchObject({ message: expect.stringContaining('tenantId') as string })
})

test.each([new Date(Number.NaN), '2026-11-27', 0, Date.now()])('a moment that is no date is refused, for every run would be late enough: %s', async (since) => {
  await client.trigger('Counting', payload('acme'))
  const refused = { code: 'definition_invalid', message: expect.stringContaining('since must be a valid Date') as string }
  await expect(client.cancelAll({ since } as ManyQuery)).rejects.toMatchObject(refused)
  await expect(client.resumeAll({ since } as ManyQuery)).rejects.toMatchObject(refused)
  await expect(client.list({ since } as ManyQuery)).rejects.toMatchObject(refused)
})
