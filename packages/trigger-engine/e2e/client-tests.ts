import { configure } from '@trigger.dev/sdk'
import type { suiteOrchestrators, suiteTasks, suiteTracks } from '@track-orchestrator/core/testing'
import { beforeAll, describe, expect, test } from 'vitest'
import { createClient, type RunState } from '../src/client/index.ts'
import type { CliSession, OpenSession } from './cli-session.ts'
import type { taleTasks } from './fixture/tale.ts'
import { linesOf } from './cli-session.ts'
import { writeFileSync } from 'node:fs'

const base = { tenantId: 't', projectId: 'p' }
interface Suite {
  readonly registry: typeof suiteTasks & typeof taleTasks
  readonly tracks: typeof suiteTracks
  readonly orchestrators: typeof suiteOrchestrators
}

/** What a backend sees that speaks by the client. */
export function clientTests(open: OpenSession): void {
  describe('the client of a backend', () => {
    let session: CliSession
    beforeAll(async () => {
      session = await open()
      configure({ baseURL: session.server.url, accessToken: session.server.secretKey })
    })
    const step = (name: string, more: object = {}) => ({ ...base, name, journal: session.newFile('client'), value: 7, ...more })

    test('triggers a task, follows it to its end, and has its results without the envelope', async () => {
      const client = createClient<Suite>()
      const run = await client.trigger('tale_step', step('one'), { tags: ['from-a-backend'] })
      const states: RunState['status'][] = []
      for await (const state of client.subscribe(run, { pollMs: 100 })) states.push(state.status)
      expect(states.at(-1)).toBe('succeeded')
      expect(await client.wait(run)).toMatchObject({ value: 7 })
      expect(await client.retrieve(run)).toMatchObject({ id: run.id, name: 'tale_step', status: 'succeeded', triggerStatus: 'COMPLETED', output: { value: 7 } })
    })

    test('throws the error that ended a run, with its code and place, and resumes it', async () => {
      const client = createClient<Suite>()
      const [journal, mapperFile, breakOnce] = ['journal', 'mapper', 'break'].map(session.newFile) as [string, string, string]
      writeFileSync(mapperFile, '3')
      const untyped = createClient<{ orchestrators: { Tale: { name: 'Tale'; tracks: [] } } }>()
      const run = await untyped.trigger('Tale', { ...base, value: 1, journal, mapperFile, breakOnce })
      await expect(untyped.wait(run, { pollMs: 100 })).rejects.toMatchObject({ code: 'terminal', place: { track: 'TaleEnd', step: 'four' } })
      expect(await client.retrieve(run)).toMatchObject({ status: 'failed', error: { code: 'terminal' } })
      const before = linesOf(journal).length
      const again = await untyped.resume(run)
      await untyped.wait(again, { pollMs: 100 })
      expect(linesOf(journal).slice(before).map((line) => line.split(' ')[0])).toEqual(['four', 'five'])
    })

    test('sends a payload with keys that the SDK refuses, and resumes a run of it', async () => {
      const client = createClient<{ registry: typeof suiteTasks; orchestrators: { Tale: { name: 'Tale'; tracks: [] } } }>()
      const value: unknown = JSON.parse('{"constructor":{"prototype":1},"__proto__":{"json":"x"}}')
      const sent = await client.wait(await client.trigger('suite_any', { ...base, value }), { pollMs: 100 })
      expect(JSON.stringify(sent)).toBe(JSON.stringify(value))
      const [journal, mapperFile, breakOnce] = ['journal', 'mapper', 'break'].map(session.newFile) as [string, string, string]
      writeFileSync(mapperFile, '3')
      const run = await client.trigger('Tale', { ...base, value: 1, journal, mapperFile, breakOnce, trampData: { constructor: 'any' } })
      await expect(client.wait(run, { pollMs: 100 })).rejects.toMatchObject({ code: 'terminal' })
      const before = linesOf(journal).length
      await client.wait(await client.resume(run), { pollMs: 100 })
      expect(linesOf(journal).slice(before).map((line) => line.split(' ')[0])).toEqual(['four', 'five'])
    })

    test('cancels a run, and gives up waiting by its time limit or signal while the run goes on', async () => {
      const client = createClient<Suite>()
      const run = await client.trigger('tale_step', step('two', { hangOnce: session.newFile('hang') }))
      await expect(client.wait(run, { pollMs: 100, timeoutMs: 300 })).rejects.toMatchObject({ code: 'timed_out' })
      await expect(client.wait(run, { signal: AbortSignal.abort(new Error('enough')) })).rejects.toThrow('enough')
      await client.cancel(run)
      await expect(client.wait(run, { pollMs: 100 })).rejects.toMatchObject({ code: 'cancelled' })
      expect(await client.retrieve(run.id)).toMatchObject({ status: 'cancelled', triggerStatus: 'CANCELED' })
    })
  })
}
