import { expect } from 'vitest'
import { trigger } from '../client/trigger-and-wait.ts'
import { request, startFakeWorker } from '../testing/fake-worker.ts'
import { test } from '../testing/server-test.ts'

interface Token { id: string; url: string; isCached: boolean }

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
