import { resumeOptions } from '../src/crossing/resume.ts'
import { connectTriggerLocal } from '@track-orchestrator/trigger-local'
import { configure } from '@trigger.dev/sdk'
import { describe, expect, test } from 'vitest'
import { createClient } from '../src/client/index.ts'
import type { OpenSession } from './cli-session.ts'

const base = { tenantId: 't', projectId: 'p' }

/** Steps that wait for longer than a test can. */
export function waitTests(open: OpenSession): void {
  describe('a step on Trigger.dev that waits', () => {
    test('goes on when 30 days are over, and a run that resumes it does not wait again', async () => {
      const session = await open()
      const local = connectTriggerLocal(session.server)
      const { id } = await local.trigger('EdgeWaitingMonth', { ...base, how: 'terminal' })
      await local.runs.untilWaiting(id)
      await local.advance('29d')
      expect((await local.runs.retrieve(id)).isWaiting).toBe(true)
      await local.advance('25h')
      expect(await session.ended(id)).toMatchObject({ status: 'FAILED' })
      expect(await session.run('EdgeWaitingMonth', { ...base, how: 'well' }, resumeOptions(id))).toMatchObject({ status: 'COMPLETED', output: { how: 'well' } })
    })

    test('is begun by its schedule, each time once', async () => {
      const session = await open()
      const local = connectTriggerLocal(session.server)
      const { id } = await local.trigger('EdgeScheduled-schedule', { type: 'DECLARATIVE', timestamp: new Date().toISOString(), timezone: 'Europe/Berlin', scheduleId: 'sched_1', upcoming: [] })
      const begun = await session.ended(id)
      expect(begun).toMatchObject({ status: 'COMPLETED', output: { runId: expect.stringMatching(/^run_/) as string } })
      const { runId } = begun.output as { runId: string }
      expect(await session.ended(runId)).toMatchObject({ status: 'COMPLETED', output: { how: 'well' } })
      expect((await local.runs.retrieve(runId)).tags).toEqual(expect.arrayContaining(['tenant:tenant-1', 'project:project-1']))
    })

    test('asks for an answer for 30 days; a run that resumes one that was cancelled takes the answer, one that resumes a run whose time was over asks anew', async () => {
      const session = await open()
      configure({ baseURL: session.server.url, accessToken: session.server.secretKey })
      const [local, client] = [connectTriggerLocal(session.server), createClient()]
      const begin = async (earlier?: string) => {
        const { id } = await local.trigger('EdgeReviewed', base, earlier === undefined ? undefined : resumeOptions(earlier))
        await expect.poll(async () => (await client.questions(id)).length).toBe(1)
        return id
      }
      const first = await begin()
      expect(await client.questions(first)).toMatchObject([{ path: 'EdgeReviewed/review', step: 'review', input: { shown: 'before' } }])
      await client.cancel(first)
      await session.ended(first)
      await client.answer(first, 'review', { text: 'meanwhile' })
      await expect(client.answer(first, 'review', { text: 'again' })).rejects.toMatchObject({ code: 'approval/answered' })
      expect(await session.run('EdgeReviewed', base, resumeOptions(first))).toMatchObject({ status: 'COMPLETED', output: { review: { text: 'meanwhile' } } })

      const late = await begin()
      await local.advance('31d')
      expect(await session.ended(late)).toMatchObject({ status: 'FAILED' })
      await expect(client.answer(late, 'review', { text: 'late' })).rejects.toMatchObject({ code: 'approval/timed_out' })
      const anew = await begin(late)
      await client.answer(anew, 'EdgeReviewed/review', { text: 'at last' })
      expect(await session.ended(anew)).toMatchObject({ status: 'COMPLETED', output: { review: { text: 'at last' } } })
      const fork = await client.fork(anew, { from: 'review' })
      await expect.poll(() => client.questions(fork)).toHaveLength(1)
      await client.answer(fork, 'review', { text: 'in the fork' })
      expect(await client.wait(fork, { pollMs: 100 })).toMatchObject({ review: { text: 'in the fork' } })
      expect(JSON.stringify([(await local.runs.retrieve(anew)).metadata, session.eventsOf(anew)])).not.toContain('/callback/')
    })
  })
}
