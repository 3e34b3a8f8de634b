import { createHash } from 'node:crypto'
import { rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { openOutput } from '../src/crossing/open-output.ts'
import { errorOfRun } from '../src/crossing/trigger-error.ts'
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

    test.each(['stored_write', 'storedWriting'])('come out of the payload store for a backend that reads the run of %s', async (name) => {
      const session = await open()
      const run = await session.run(name, payload)
      expect(JSON.stringify(run.output).length).toBeLessThan(1_000)
      const output = await openOutput<{ text?: string; results?: { text: string } }>(run, session.store)
      expect((output.results ?? output).text).toBe('abcdefghij'.repeat(500_000))
    })

    test('fail the sub-track that cannot put them into the store, which is not walked again for it', async () => {
      const { run, server, folder } = await open()
      const down = join(folder, 'store-down')
      writeFileSync(down, '')
      try {
        const ended = await run('storedBranches', payload)
        expect(errorOfRun(ended)).toMatchObject({ code: 'engine/payload_store', message: expect.stringContaining('the store is down') as string, place: { track: 'storedWriting' } })
        expect(server.runs().filter(({ task, root }) => task === 'storedWriting' && root?.friendlyId === ended.id).map(({ attemptNumber }) => attemptNumber)).toEqual([1])
      } finally {
        rmSync(down)
      }
    })

    test('are refused by name where there is no payload store, saying which step and what to do', async () => {
      const run = await (await open()).run('storelessTrack', payload)
      expect(errorOfRun(run)).toMatchObject({
        code: 'payload_too_large',
        retryable: false,
        message: expect.stringMatching(/^The output of step storeless_write of storelessTrack is 5000011 bytes .*payloadStore/) as string,
      })
    })
  })
}
