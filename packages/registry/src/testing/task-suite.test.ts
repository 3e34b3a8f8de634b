import { expect, test } from 'vitest'
import * as imported from 'vitest'
import { z } from 'zod'
import { defineTask } from '../task-contract.ts'
import { loadVitest } from '../vitest/index.ts'
import { taskSuite } from './task-suite.ts'

const shout = defineTask({ name: 'shout', input: z.object({ text: z.string() }), output: z.object({ text: z.string() }) })

// A handler as people write it first: it looks at nothing but its input.
taskSuite({
  contract: shout,
  handler: () => ({ text }) => ({ text: text.toUpperCase() }),
  examples: { 'a word': () => ({ text: 'word' }) },
  refuses: { 'a number': { input: { text: 1 }, path: 'text' } },
})

taskSuite({
  contract: { ...shout, name: 'shout_unless_told' },
  handler: () => ({ text }, { signal }) => {
    signal.throwIfAborted()
    return { text }
  },
  examples: { 'a word': () => ({ text: 'word' }) },
  refuses: {},
  heedsSignal: true,
})

test('A suite uses the very vitest that its test file imports', () => {
  expect(loadVitest('taskSuite').test).toBe(imported.test)
})

test('A suite without an example is refused, with what is missing', () => {
  expect(() => taskSuite({ contract: shout, handler: () => () => ({ text: '' }), examples: {}, refuses: {} })).toThrow('taskSuite of shout needs an example')
})
