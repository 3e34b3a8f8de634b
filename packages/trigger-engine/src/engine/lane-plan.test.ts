import { ProviderError } from '@track-orchestrator/registry'
import { expect, test } from 'vitest'
import { errorOf as errorOfRun, toTriggerError } from '../crossing/trigger-error.ts'
import { answerOfLane, openPlan, packPlan, resultOf, type LaneAnswer } from './lane-plan.ts'
import type { Item, Result } from './start-items.ts'

const item = (index: number): Item => ({ id: 'work', payload: { index, text: '長い話 '.repeat(20) }, options: { idempotencyKey: `key-${index}`, metadata: { trackOrchestrator: { call: { walkId: 'run_1', segment: `work[${index}]` } } } }, ...(index % 2 === 0 && { since: new Date(index) }) })
const sent = (answer: LaneAnswer) => JSON.parse(JSON.stringify(answer)) as LaneAnswer

test('a lane is told of every item as it is, and of many that are alike in little text', () => {
  const items = Array.from({ length: 500 }, (_, index) => item(index))
  const text = packPlan(items)
  expect(openPlan(text)).toEqual(items)
  expect(text.length).toBeLessThan(JSON.stringify(items).length / 10)
})

test('how an item ended comes back as who waits for the item itself is told: an error of ours with all that it says', () => {
  const { thrown } = toTriggerError(new ProviderError('no voices left', { provider: 'Voices', status: 429, retryAfterMs: 7 }))
  const results: Result[] = [
    { ok: true, id: 'run_0', output: { results: [1] } },
    { ok: false, id: 'run_1', error: thrown },
    { ok: false, id: 'run_2', error: 'Canceled by user' },
    { ok: false, id: '', error: { code: 7 } },
  ]
  const { told, left } = sent(answerOfLane(results.map((result, index) => ({ index: index * 2, result }))))
  expect([left, told.map(({ index }) => index)]).toEqual([[], [0, 2, 4, 6]])
  const [first, second, ...others] = told.map(resultOf)
  expect([first, ...others]).toEqual([results[0], results[2], results[3]])
  expect(errorOfRun((second as { error: unknown }).error, undefined)).toMatchObject({ name: 'ProviderError', status: 429, retryAfterMs: 7, message: 'no voices left' })
})

test('what there is no room for is named with its run, and what has none is told in any case', () => {
  const big = 'x'.repeat(40_000)
  const results: Result[] = [{ ok: true, id: 'run_0', output: big }, { ok: true, id: 'run_1', output: big }, { ok: false, id: 'run_2', error: new Error(big) }, { ok: false, id: '', error: new Error(big) }, { ok: true, id: 'run_4', output: 1 }]
  const { told, left } = answerOfLane(results.map((result, index) => ({ index, result })))
  expect(told.map(({ index }) => index)).toEqual([0, 3])
  expect(left).toEqual([{ index: 1, id: 'run_1', ok: true }, { index: 2, id: 'run_2', ok: false }, { index: 4, id: 'run_4', ok: true }])
})
