import { expect, test } from 'vitest'
import type { WhyPlanned } from '../in-process/plan-run.ts'
import { describeWhy } from './describe-why.ts'

test.each<[WhyPlanned, string]>([
  [{ reason: 'new' }, 'new'],
  [{ reason: 'unfinished' }, 'it was begun, but did not finish'],
  [{ reason: 'task_changed', before: 'speak', after: 'sing' }, 'it runs sing now, not speak'],
  [{ reason: 'version_changed', before: '1', after: '2' }, 'its contract has version 2, not 1'],
  [{ reason: 'input_changed', changes: [{ path: 'text', before: '"a\u001b"', after: '"b"' }] }, String.raw`its input changed: text: "a\u001b" → "b"`],
  [{ reason: 'input_changed', changes: [] }, 'its input changed: the earlier one is gone'],
])('why a step runs is told in one line: %j', (why, said) => {
  expect(describeWhy(why)).toBe(said)
})

test('a page that shows the changes by themselves is told only that there are some', () => {
  expect(describeWhy({ reason: 'input_changed', changes: [{ path: 'text', before: '"a"' }] }, { withChanges: false })).toBe('its input changed')
})
