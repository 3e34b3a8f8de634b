import { describe, expect, test } from 'vitest'
import type { OpenSession } from './cli-session.ts'

const base = { tenantId: 't', projectId: 'p' }

/** How many runs of Trigger.dev a walk with inline tasks costs. */
export function inlineRunTests(open: OpenSession): void {
  describe('inline tasks on Trigger.dev', () => {
    test.each([
      ['a track of four of them', 'EdgeInlineChain', ['EdgeInlineChain']],
      ['an orchestrator of three tracks of one, and a last one', 'EdgeInlineGraph', ['EdgeI1', 'EdgeI2', 'EdgeI3', 'EdgeInlineGraph']],
      ['one that asks for others', 'EdgeInlineFan', ['EdgeInlineFan', 'suite_add', 'suite_add']],
    ])('%s cost no run of their own', async (_what, name, runs) => {
      const { server, run } = await open()
      const ended = await run(name, { ...base, n: 1, count: 2 })
      expect(ended.status).toBe('COMPLETED')
      expect(server.runs().filter(({ root, friendlyId }) => (root?.friendlyId ?? friendlyId) === ended.id).map(({ task }) => task).toSorted()).toEqual(runs)
    })
  })
}
