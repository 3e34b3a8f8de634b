import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { trigger } from '@track-orchestrator/trigger-local'
import { expect, test } from 'vitest'
import type { OpenSession } from './cli-session.ts'

/** No track waits for another that it does not depend on. */
export function noBarrierTests(open: OpenSession): void {
  test('a track on Trigger.dev goes on while tracks of earlier levels, which it does not depend on, have not ended; what it starts is given its tags, priority, queue and time to live', async () => {
    const { server, run, newFile } = await open()
    const folder = newFile('gates')
    mkdirSync(folder)
    const ended = await run('Gates', { tenantId: 't', projectId: 'p', folder }, { tags: ['customer:9', 'track:x'], priority: 5 })
    expect(ended).toMatchObject({ status: 'COMPLETED', metadata: { progress: { fraction: 1, tracks: 7, tracksEnded: 7 } } })
    const below = server.runs().filter(({ root }) => root?.friendlyId === ended.id)
    expect(below.map(({ task, tags, options }) => [task, tags.includes('customer:9'), tags.includes('track:x'), options.priority])).toEqual(below.map(({ task }) => [task, true, false, 5]))
    expect(below.find(({ task }) => task === 'GateA1')).toMatchObject({ queueName: 'gates', options: { concurrencyKey: 't', ttl: 3_600 } })
    expect(below.find(({ task }) => task === 'gate')).toMatchObject({ options: { ttl: 7_200 } })
  })
  test('the run of a fan-out on Trigger.dev shows how far it is while it goes on', async () => {
    const { server, newFile, ended } = await open()
    const folder = newFile('gates')
    mkdirSync(folder)
    const id = await trigger(server, 'GateItems', { tenantId: 't', projectId: 'p', folder })
    await expect.poll(() => server.run(id)?.metadata['progress']).toMatchObject({ fraction: 0.5, step: 'gate' })
    writeFileSync(join(folder, 'key'), '')
    expect(await ended(id)).toMatchObject({ status: 'COMPLETED', metadata: { progress: { fraction: 1, note: '2 of 2' } } })
  })
}
