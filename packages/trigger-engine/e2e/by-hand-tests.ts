import { describe, expect, test } from 'vitest'
import { linesOf, type OpenSession } from './cli-session.ts'

const base = { tenantId: 't', projectId: 'p' }

/** What may go wrong in tasks that are written by hand around the runners. */
export function byHandTests(open: OpenSession): void {
  describe('a Trigger.dev task written by hand', () => {
    const runTask = async (task: string) => {
      const { server, run, newFile } = await open()
      const journal = newFile('journal')
      const ended = await run(task, { ...base, journal })
      const children = server.runs().filter(({ parent }) => parent?.friendlyId === ended.id)
      return { ended, children, steps: linesOf(journal).length }
    }

    test.each(['two-walks', 'two-runs'])('%s of one track, with the same input, do not share a result', async (task) => {
      const { ended, steps } = await runTask(task)
      const stamps = (ended.output as { stamp: string }[]).map(({ stamp }) => stamp)
      expect(new Set(stamps).size).toBe(2)
      expect(steps).toBe(2)
    })

    test('that waits for two things at once is told what to do instead, before anything was started', async () => {
      const { ended, children } = await runTask('two-waits')
      expect(ended).toMatchObject({ status: 'FAILED' })
      expect(ended.error?.message).toMatch(/^This run waits for ShortTale.* and cannot wait for OtherTale.* as well: .* one after the other, pass all calls in one list/)
      expect(children).toEqual([])
    })

    test('that waits by Trigger.dev itself spends none of its time limit on that', async () => {
      expect(await (await open()).run('strange_wait', base)).toMatchObject({ status: 'COMPLETED', output: { results: { attempt: 1 } } })
    })

    test('that makes one call twice in one batch does not hang: both get the result of one run', async () => {
      const { ended, children, steps } = await runTask('doubled-key')
      const [first, second] = ended.output as { stamp: string }[]
      expect(first!.stamp).toBe(second!.stamp)
      expect([children.length, steps]).toEqual([1, 1])
    })
  })
}
