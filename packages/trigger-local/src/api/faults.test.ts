import { expect } from 'vitest'
import { trigger } from '../client/trigger-and-wait.ts'
import { startFakeWorker } from '../testing/fake-worker.ts'
import { test } from '../testing/server-test.ts'

const path = /^\/api\/v1\/tasks\//

test('an answer that gets lost leaves what was asked for done', async ({ server }) => {
  server.faults.push({ method: 'POST', path, kind: 'lost' })
  await expect(trigger(server, 'task', 0)).rejects.toThrow('fetch failed')
  expect(server.runs()).toHaveLength(1)
  await trigger(server, 'task', 0)
  expect(server.runs()).toHaveLength(2)
})

test('a request that is refused, or answered with a status, does nothing, as often as was asked for', async ({ server }) => {
  await startFakeWorker(server, [{ id: 'task' }])
  server.faults.push({ path, kind: 'refused', times: 2 }, { path, kind: 503 })
  for (const message of ['fetch failed', 'fetch failed', '503']) await expect(trigger(server, 'task', 0)).rejects.toThrow(message)
  expect(server.runs()).toEqual([])
  await trigger(server, 'task', 0)
  expect(server.faults).toEqual([])
})
