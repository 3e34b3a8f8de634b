import { expect } from 'vitest'
import { test } from '../testing/server-test.ts'
import { trigger, waitForRun } from './trigger-and-wait.ts'

test('whoever waits is told when the server is gone, and not at the end of all time', async ({ server }) => {
  const id = await trigger(server, 'task', 0)
  const waiting = waitForRun(server, id, 600_000)
  await Promise.all([expect(waiting).rejects.toThrow(`The server at ${server.url} does not answer any more: run ${id} cannot be waited for`), server.close()])
})

test('a look whose answer is lost is made again', async ({ server }) => {
  server.faults.push({ method: 'GET', path: /^\/api\/v3\/runs\//, kind: 'lost', times: 3 })
  const id = await trigger(server, 'task', 0, { ttl: '1s' })
  expect(await waitForRun(server, id)).toMatchObject({ status: 'EXPIRED' })
  expect(server.faults).toEqual([])
})
