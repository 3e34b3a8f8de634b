import { setTimeout as delay } from 'node:timers/promises'
import { loadVitest } from '@track-orchestrator/registry/vitest'
import { approvalTracks } from './approval-definitions.ts'
import { edgeTracks } from './edge-definitions.ts'
import type { EdgeTools } from './engine-under-test.ts'

const base = { tenantId: 'tenant-1', projectId: 'project-1' }

/** Runs that are begun under a key. */
export function runKeyTests({ engine, newJournal, lines }: EdgeTools): void {
  const { expect, test } = loadVitest('engineSuite')

  test('under one key of one tenant there is one run: who asks while it goes on, and after it has succeeded, is given its output', { timeout: 300_000 }, async (context) => {
    const { start } = engine()
    if (!start) context.skip()
    const runKey = `${newJournal()} "любой ключ"`
    const first = await start!(approvalTracks.asking, base, { runKey })
    const second = await start!(approvalTracks.asking, { ...base, projectId: 'project-2' }, { runKey })
    const elsewhere = await start!(approvalTracks.asking, { ...base, tenantId: 'tenant-2' }, { runKey })
    for (const run of [first, elsewhere]) {
      for (let tries = 0; ; tries++) {
        try {
          await run.answer('go_on', true)
          break
        } catch (error) {
          if (tries > 4_800) throw error
          await delay(50)
        }
      }
    }
    const [one, two, other] = await Promise.all([first.ended, second.ended, elsewhere.ended])
    const three = await (await start!(approvalTracks.asking, base, { runKey })).ended
    expect([two, three]).toMatchObject([one, one].map(({ runId }) => ({ runId, status: 'succeeded', output: { goOn: 'nothing' } })))
    expect(other.runId).not.toBe(one.runId)
  })

  test('a run that failed gives its key back', { timeout: 300_000 }, async (context) => {
    const { start } = engine()
    if (!start) context.skip()
    const journal = newJournal()
    for (let run = 0; run < 2; run++) expect(await (await start!(edgeTracks.itemTrack, { ...base, journal, how: 'terminal' }, { runKey: journal })).ended).toMatchObject({ status: 'failed' })
    expect(lines(journal)).toEqual(['terminal 1', 'terminal 1'])
  })
}
