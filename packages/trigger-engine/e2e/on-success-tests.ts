import { writeFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import type { OpenSession } from './cli-session.ts'

const base = { tenantId: 't', projectId: 'p' }

/** What is told when a run has succeeded, and to whom it makes no difference. */
export function onSuccessTests(open: OpenSession): void {
  describe('onSuccess on Trigger.dev', () => {
    test('is told once of a run that was triggered, whose it was and what it came to', async () => {
      const { run, newFile, successesOf } = await open()
      const ended = await run('ShortTale', { ...base, userId: 'u', journal: newFile('journal') })
      expect(successesOf(ended.id)).toEqual([{ ...base, userId: 'u', name: 'ShortTale', runId: ended.id, earlierRuns: [], output: ended.output }])
    })

    test('is told of the orchestrator, not of the tracks in it', async () => {
      const { server, run, newFile, successesOf } = await open()
      const mapperFile = newFile('mapper')
      writeFileSync(mapperFile, '1')
      const ended = await run('Tale', { ...base, journal: newFile('journal'), mapperFile })
      expect(ended.status).toBe('COMPLETED')
      const ofRun = server.runs().filter(({ root, friendlyId }) => (root?.friendlyId ?? friendlyId) === ended.id)
      expect(ofRun.length).toBeGreaterThan(3)
      expect(ofRun.flatMap(({ friendlyId }) => successesOf(friendlyId).map(({ name }) => name))).toEqual(['Tale'])
    })

    test('is not told of a run that failed', async () => {
      const { run, newFile, successesOf } = await open()
      const mapperFile = newFile('mapper')
      const ended = await run('Tale', { ...base, journal: newFile('journal'), mapperFile })
      expect(ended.status).toBe('FAILED')
      expect(successesOf(ended.id)).toEqual([])
    })

    test('may fail, and the run succeeds all the same', async () => {
      const { run, newFile, successesOf } = await open()
      const ended = await run('OtherTale', { ...base, journal: newFile('journal') })
      expect(ended).toMatchObject({ status: 'COMPLETED', output: { value: 2 } })
      expect(successesOf(ended.id)).toHaveLength(1)
    })
  })
}
