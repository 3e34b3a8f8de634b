import { describe, expect, test } from 'vitest'
import type { OpenSession } from './cli-session.ts'

/** A log whose service does not answer. */
export function silentLogTests(open: OpenSession): void {
  describe('a log that is away on Trigger.dev', () => {
    test('is waited for once in a walk, by the run that finds it out; before waits and afterwards it is only told to send', async () => {
      const { run, newFile, flushesOf } = await open()
      const ended = await run('UnheardTale', { tenantId: 't', projectId: 'p', journal: newFile('journal') })
      expect(ended).toMatchObject({ status: 'COMPLETED', output: { value: 3 } })
      const flushes = flushesOf(ended.id)
      expect(flushes.filter((asked) => !asked.startsWith('0 '))).toEqual(['2000 machine'])
      // Before each of the three waits, and at the ends of the runs.
      expect(flushes.filter((asked) => asked === '0 machine').length).toBeGreaterThanOrEqual(6)
    })
  })
}
