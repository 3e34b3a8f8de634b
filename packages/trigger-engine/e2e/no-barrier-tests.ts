import { mkdirSync } from 'node:fs'
import { expect, test } from 'vitest'
import type { OpenSession } from './cli-session.ts'

/** No track waits for another that it does not depend on. */
export function noBarrierTests(open: OpenSession): void {
  test('a track on Trigger.dev goes on while tracks of earlier levels, which it does not depend on, have not ended', async () => {
    const { run, newFile } = await open()
    const folder = newFile('gates')
    mkdirSync(folder)
    const ended = await run('Gates', { tenantId: 't', projectId: 'p', folder })
    expect(ended).toMatchObject({ status: 'COMPLETED', metadata: { progress: { fraction: 1, tracks: 7, tracksEnded: 7 } } })
  })
}
