import { resumeOptions } from '../src/crossing/resume.ts'
import { connectTriggerLocal } from '@track-orchestrator/trigger-local'
import { describe, expect, test } from 'vitest'
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
  })
}
