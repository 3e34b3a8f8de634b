import { trigger, type TriggerDevServer } from '@track-orchestrator/trigger-local'
import { afterEach, beforeAll, describe, expect, test, vi } from 'vitest'
import type { CliSession, OpenSession } from './cli-session.ts'

const base = { tenantId: 't', projectId: 'p' }
const childrenOf = (server: TriggerDevServer, id: string, task: string) => server.runs().filter((run) => run.task === task && run.parent?.friendlyId === id)

/** What goes wrong between a run and Trigger.dev, and is made good. */
export function faultTests(open: OpenSession): void {
  describe('a fan-out on Trigger.dev', () => {
    let session: CliSession
    beforeAll(async () => {
      session = await open()
    })
    afterEach(() => {
      expect(session.server.faults.splice(0)).toEqual([])
    })

    const fanOut = async () => {
      const ended = await session.run('SuiteEach', { ...base, count: 5 })
      expect(ended.output).toEqual([1, 2, 3, 4, 5].map((n) => ({ n })))
      expect(childrenOf(session.server, ended.id, 'suite_add').map(({ status }) => status)).toEqual(Array.from({ length: 5 }, () => 'COMPLETED_SUCCESSFULLY'))
      return ended
    }

    test('waits where it is told that there are too many, and its progress counts what ran', async () => {
      session.server.faults.push({ method: 'POST', path: /v3\/batches$/, kind: 429, retryAfter: 1, times: 2 })
      const { id, attemptCount } = await fanOut()
      expect(attemptCount).toBe(1)
      const fractions = session.eventsOf(id).flatMap((event) => (event.type === 'step.progress' ? [event.fraction] : []))
      expect(fractions).toEqual([0.2, 0.4, 0.6, 0.8, 1])
    })

    test('asks again where the server fails for a moment', async () => {
      session.server.faults.push({ method: 'POST', path: /v3\/batches$/, kind: 503, times: 2 })
      expect(await fanOut()).toMatchObject({ attemptCount: 1 })
    })

    test.each([
      ['that the batch was made', /v3\/batches$/],
      ['that its items were taken', /v3\/batches\/[^/]+\/items$/],
    ])('ends its attempt where the answer is lost %s, and the next one finds what ran', async (_what, path) => {
      session.server.faults.push({ method: 'POST', path, kind: 'lost' })
      expect(await fanOut()).toMatchObject({ attemptCount: 2 })
    })

    test('in the second time of a step that repeats: the next attempt finds what ran in the first', async () => {
      session.server.faults.push({ method: 'POST', path: /v3\/batches$/, kind: 'lost' })
      const ended = await session.run('EdgeRepeatedItems', { ...base, count: 1 })
      expect(ended).toMatchObject({ attemptCount: 2, output: [{ n: 1 }, { n: 2 }, { n: 3 }] })
      expect(['suite_list', 'suite_add'].map((task) => childrenOf(session.server, ended.id, task).length)).toEqual([2, 4])
    })

    test('starts a single task once, though the answer to that was lost', async () => {
      const { server, run } = session
      server.faults.push({ method: 'POST', path: /tasks\/strange_echo\/trigger$/, kind: 'lost' })
      const ended = await run('StrangeEcho', { ...base, n: 1 })
      expect(ended.output).toEqual({ n: 1 })
      expect(childrenOf(server, ended.id, 'strange_echo')).toHaveLength(1)
    })
  })
}

/**
 * A child run whose worker never hears that it may begin: Trigger.dev ends it after a minute or more. So it is started before all other
 * tests, and looked at by the test that `testStalled` makes, which comes last.
 */
export function stalledChild(open: OpenSession): { readonly testStalled: () => void } {
  let id: string
  beforeAll(async () => {
    const { server } = await open()
    id = await trigger(server, 'StrangeEcho', { ...base, n: 2 })
    await server.until(({ type, task }) => type === 'run.created' && task === 'strange_echo', 120_000)
    server.faults.push({ method: 'POST', path: /attempts\/start$/, kind: 'lost', times: 10 })
    await vi.waitFor(() => expect(childrenOf(server, id, 'strange_echo').map(({ status }) => status)).toEqual(['EXECUTING']), { timeout: 120_000, interval: 20 })
    server.faults.splice(0)
  })
  const testStalled = () =>
    test('a task on Trigger.dev whose worker was never told to begin is started anew', async () => {
      const { server, ended } = await open()
      expect(await ended(id)).toMatchObject({ status: 'COMPLETED', output: { n: 2 } })
      expect(childrenOf(server, id, 'strange_echo').map(({ status }) => status)).toEqual(['CANCELED', 'COMPLETED_SUCCESSFULLY'])
    })
  return { testStalled }
}
