import { outlineOf } from '@track-orchestrator/core/in-process'
import { definitions, registry } from '../../viewer/src/testing/sample-flows.ts'
import { modelOf, sourceSuite } from '../../viewer/src/testing/source-suite.ts'
import { triggerLocalSource } from '../../viewer/src/source/trigger/trigger-local-source.ts'
import { describe, expect, test, vi } from 'vitest'
import type { OpenSession } from './cli-session.ts'

/** What the page of `tracks view` is told of runs on Trigger.dev. */
export function viewerTests(open: OpenSession): void {
  const openSource = async () => {
    const { server } = await open()
    const outline = (name: string) => {
      const definition = definitions.get(name)
      return definition && outlineOf(definition, registry)
    }
    return triggerLocalSource({ url: server.url, key: server.secretKey, outlineOf: outline })
  }

  sourceSuite('Trigger.dev on this machine', async () => {
    const { run } = await open()
    const source = await openSource()
    const payload = { tenantId: 'acme', projectId: 'p1' }
    const [reading, failing] = [await run('Reading', payload), await run('Failing', payload)]
    // Processes send their lines some seconds late.
    await vi.waitFor(async () => {
      const { steps } = await modelOf(source, reading.id)
      expect(steps.get('Reading/Words/Lower/notify')?.status).toBe('skipped')
      expect(steps.get('Reading/Words/Upper/flaky')?.attempts).toHaveLength(3)
    }, { timeout: 120_000, interval: 500 })
    return { source, ids: { reading: reading.id, failing: failing.id }, close: () => Promise.resolve() }
  })

  describe('a run on Trigger.dev, as it is viewed', () => {
    test('tells when each step was made, begun and ended, and what its handler said', async () => {
      const source = await openSource()
      const [{ runId } = { runId: '' }] = (await source.list({ name: 'Reading' })).runs
      const { steps, tracks, logs } = await modelOf(source, runId)
      for (const step of steps.values()) if (step.status === 'succeeded' && step.itemCount === undefined) expect([step.path, step.readyAt <= step.startedAt!, step.startedAt! <= step.endedAt!]).toEqual([step.path, true, true])
      expect([...tracks.values()].map(({ path, status }) => `${path} ${status}`).toSorted()).toEqual(['Reading/Speech succeeded', 'Reading/Words succeeded', 'Reading/Words/Lower succeeded', 'Reading/Words/Upper succeeded'])
      expect(steps.get('Reading/Speech/speak')!.children.map(({ path }) => path).toSorted()).toEqual([0, 1, 2].map((item) => `Reading/Speech/speak[${item}]`))
      expect(steps.get('Reading/final:join')).toMatchObject({ status: 'succeeded' })
      expect(logs).toContainEqual(expect.objectContaining({ level: 'info', path: 'Reading/Speech/split', message: expect.stringContaining('<script>') as string }))
    })
  })
}
