import { expect } from 'vitest'
import { trigger } from '../client/trigger-and-wait.ts'
import { request, startFakeWorker } from '../testing/fake-worker.ts'
import { test } from '../testing/server-test.ts'

interface Token { id: string; url: string; isCached: boolean }

test('a token completed by hand lets every run go on that waits for it', async ({ server }) => {
  const worker = await startFakeWorker(server, [{ id: 'task' }])
  await trigger(server, 'task', 1)
  await trigger(server, 'task', 2)
  const { id } = await request<Token>(server, '/api/v1/waitpoints/tokens', { timeout: '1h' })
  const attempts = await worker.take()
  for (const attempt of attempts) await attempt.waitFor(id)
  await request(server, `/api/v1/waitpoints/tokens/${id}/complete`, { data: { approved: true } })
  for (const attempt of attempts) expect((await attempt.resumed())[0]).toMatchObject({ type: 'MANUAL', friendlyId: id, outputIsError: false })
  expect(await request(server, `/api/v1/waitpoints/tokens/${id}`)).toMatchObject({ status: 'COMPLETED' })
})

test('a token that nobody completes in time fails the wait', async ({ server }) => {
  const worker = await startFakeWorker(server, [{ id: 'task' }])
  await trigger(server, 'task', 0)
  const attempt = await worker.takeOne()
  const { id } = await request<Token>(server, '/api/v1/waitpoints/tokens', { timeout: new Date(Date.now() + 50).toISOString() })
  await attempt.waitFor(id)
  const [completed] = await attempt.resumed()
  expect(completed).toMatchObject({ outputIsError: true, output: expect.stringContaining('Waitpoint timed out at') })
})

test('one key is one token', async ({ server }) => {
  const create = (idempotencyKey: string) => request<Token>(server, '/api/v1/waitpoints/tokens', { idempotencyKey })
  const [first, again, other] = [await create('a'), await create('a'), await create('b')]
  expect({ same: again.id === first.id, cached: [first.isCached, again.isCached], other: other.id === first.id }).toEqual({ same: true, cached: [false, true], other: false })
})

test('a POST to the token’s own address completes it, without a key', async ({ server }) => {
  const { id, url } = await request<Token>(server, '/api/v1/waitpoints/tokens', {})
  await fetch(url, { method: 'POST', body: '{"from":"webhook"}' })
  expect(await request(server, `/api/v1/waitpoints/tokens/${id}`)).toMatchObject({ status: 'COMPLETED', output: expect.stringContaining('webhook') })
})

test('a run waits until a date', async ({ server }) => {
  const worker = await startFakeWorker(server, [{ id: 'task' }])
  await trigger(server, 'task', 0)
  const attempt = await worker.takeOne()
  const date = new Date(Date.now() + 80)
  await request(server, `/engine/v1/runs/${attempt.runId}/wait/duration`, { date })
  const [completed] = await attempt.resumed()
  expect(completed?.type).toBe('DATETIME')
  expect(Date.now()).toBeGreaterThanOrEqual(date.getTime())
})

test('two runs that wait for each other do so for ever, as on the real engine', async ({ server }) => {
  const worker = await startFakeWorker(server, [{ id: 'one' }, { id: 'other' }])
  await trigger(server, 'one', 0, { idempotencyKey: 'a' })
  await trigger(server, 'other', 0, { idempotencyKey: 'b' })
  const [one, other] = await worker.take()
  await one!.trigger('other', 0, { idempotencyKey: 'b', resumeParentOnCompletion: true })
  await other!.trigger('one', 0, { idempotencyKey: 'a', resumeParentOnCompletion: true })
  const states = await Promise.all([one!.state(), other!.state()])
  expect(states.map(({ snapshot }) => snapshot.executionStatus)).toEqual(['EXECUTING_WITH_WAITPOINTS', 'EXECUTING_WITH_WAITPOINTS'])
})
