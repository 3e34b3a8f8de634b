import { defineRegistry, defineTask, errorToJson } from '@track-orchestrator/registry'
import { describe, expect, test } from 'vitest'
import { z } from 'zod'
import type { RunLog } from '../log/run-log.ts'
import { createRunner } from './create-runner.ts'

// A run that nobody follows takes a short cut through the engine: it must end as the followed one does.

const text = z.object({ text: z.string() })
const slowText = text.refine(async (input) => input.text !== 'refused', 'is refused')
const brokenText = text.refine(async () => Promise.reject(new Error('nobody there')))
const once = { maxAttempts: 1 }
const tasks = defineRegistry({
  good: defineTask({ name: 'good', input: text, output: text }),
  throwing: defineTask({ name: 'throwing', input: text, output: text, retry: once }),
  rejecting: defineTask({ name: 'rejecting', input: text, output: text, retry: once }),
  recovering: defineTask({ name: 'recovering', input: text, output: text, retry: { maxAttempts: 3, minDelayMs: 0, maxDelayMs: 0 } }),
  exhausting: defineTask({ name: 'exhausting', input: text, output: text, retry: { maxAttempts: 3, minDelayMs: 0, maxDelayMs: 0 } }),
  misfit: defineTask({ name: 'misfit', input: text, output: text }),
  slowInput: defineTask({ name: 'slowInput', input: slowText, output: text }),
  slowOutput: defineTask({ name: 'slowOutput', input: text, output: slowText }),
  brokenInput: defineTask({ name: 'brokenInput', input: brokenText, output: text }),
  brokenOutput: defineTask({ name: 'brokenOutput', input: text, output: brokenText }),
  slow: defineTask({ name: 'slow', input: text, output: text, timeoutMs: 20, retry: once }),
  missing: defineTask({ name: 'missing', input: text, output: text }),
})

async function endOf(taskName: keyof typeof tasks, payload: object, logs: RunLog[]) {
  let calls = 0
  const broken = () => new Error(`broken ${++calls}`)
  const runner = createRunner({
    registry: tasks,
    handlers: {
      good: (input) => input,
      throwing: () => {
        throw broken()
      },
      rejecting: () => Promise.reject(broken()),
      recovering: (input) => (calls < 2 ? Promise.reject(broken()) : { text: `${input.text} after ${calls}` }),
      exhausting: () => Promise.reject(broken()),
      misfit: () => ({ text: 1 }) as never,
      slowInput: (input) => input,
      slowOutput: (input) => input,
      brokenInput: (input) => input,
      brokenOutput: (input) => input,
      slow: (_, { signal }) => new Promise<never>((_resolve, reject) => signal.addEventListener('abort', () => reject(signal.reason as Error))),
    },
    logs,
  })
  const track = { name: 'Track', tasks: [{ taskName: 'good' }, { taskName, id: 'it' }, { taskName: 'good', id: 'last' }] }
  const result = await runner.settleTrack(track, { tenantId: 't', projectId: 'p', ...payload })
  return result.status === 'succeeded' ? result.output : errorToJson(result.error)
}

describe('A run that nobody follows ends as a followed one where the task', () => {
  const refused = { name: 'ContractError', place: { track: 'Track', step: 'it' } }
  test.each<[keyof typeof tasks, string, object]>([
    ['good', 'goes well', { text: 'a' }],
    ['throwing', 'throws at once', { message: 'broken 1', place: { track: 'Track', step: 'it', taskName: 'throwing', attempt: 1 } }],
    ['rejecting', 'rejects', { message: 'broken 1', place: { attempt: 1 } }],
    ['recovering', 'goes well the third time', { text: 'a after 2' }],
    ['exhausting', 'fails three times', { message: 'broken 3', place: { attempt: 3 } }],
    ['misfit', 'gives what does not fit', { ...refused, place: { ...refused.place, attempt: 1 } }],
    ['brokenInput', 'has an input whose check rejects', { ...refused, side: 'input', issues: [{ message: 'the code of the schema threw: nobody there' }] }],
    ['brokenOutput', 'has an output whose check rejects', { ...refused, side: 'output', issues: [{ message: 'the code of the schema threw: nobody there' }] }],
    ['slow', 'takes too long', { code: 'timed_out', place: { step: 'it' } }],
    ['missing', 'has no handler', { code: 'handler_missing', place: { step: 'it' } }],
  ])('%s: it %s', async (taskName, _, expected) => {
    const unfollowed = await endOf(taskName, { text: 'a' }, [])
    expect(unfollowed).toMatchObject(expected)
    expect(unfollowed).toEqual(await endOf(taskName, { text: 'a' }, [{ write: () => {}, flush: async () => {} }]))
  })

  test.each(['slowInput', 'slowOutput'] as const)('%s: the schema takes its time, and refuses', async (taskName) => {
    const unfollowed = await endOf(taskName, { text: 'refused' }, [])
    expect(unfollowed).toMatchObject({ ...refused, issues: [{ message: 'is refused' }] })
    expect(unfollowed).toEqual(await endOf(taskName, { text: 'refused' }, [{ write: () => {}, flush: async () => {} }]))
    expect(await endOf(taskName, { text: 'a' }, [])).toEqual({ text: 'a' })
  })
})
