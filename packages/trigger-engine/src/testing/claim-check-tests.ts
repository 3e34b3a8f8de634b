import { createHash } from 'node:crypto'
import { describe, expect, test } from 'vitest'
import { errorOfRun } from '../trigger-error.ts'
import type { OpenSession } from './cli-session.ts'

const payload = { tenantId: 't', projectId: 'p', sizeBytes: 5_000_000 }

/** Big values between steps, on an instance that has no object store. */
export function claimCheckTests(open: OpenSession): void {
  describe('5 MB from step to step on Trigger.dev', () => {
    test('pass through the payload store, and no run carries them', async () => {
      const session = await open()
      const run = await session.run('storedTrack', payload)
      const hash = createHash('sha256').update('abcdefghij'.repeat(500_000)).digest('hex')
      expect(run.output).toEqual({ length: 5_000_000, hash })
      const ofRun = session.server.runs().filter(({ root, friendlyId }) => (root?.friendlyId ?? friendlyId) === run.id)
      expect(ofRun).toHaveLength(4)
      for (const { payload: sent, output = '' } of ofRun) expect(sent.length + output.length).toBeLessThan(5_000)
    })

    test('are refused by name where there is no payload store, saying which step and what to do', async () => {
      const run = await (await open()).run('storelessTrack', payload)
      expect(errorOfRun(run.error ?? {})).toMatchObject({
        code: 'payload_too_large',
        retryable: false,
        message: expect.stringMatching(/^The output of step storeless_write of storelessTrack is 5000011 bytes .*payloadStore/) as string,
      })
    })
  })
}
