import { createTestContext, type TestContext } from '@track-orchestrator/registry/testing'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { createWorkProgress, type WorkProgress } from './work-progress.ts'

let context: TestContext
let progress: WorkProgress
beforeEach(() => {
  vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval', 'performance'] })
  context = createTestContext()
  progress = createWorkProgress(context)
})
afterEach(() => {
  progress.end()
  vi.useRealTimers()
})

const notes = () => context.progressed.map(({ note }) => note)

test('What tells nothing by itself is told of all the same, with the seconds that it has taken', () => {
  progress.begin('listen')
  vi.advanceTimersByTime(7_000)
  expect(notes()).toEqual(['listen, 2 s', 'listen, 4 s', 'listen, 6 s'])
})

test('Nothing is told once it has ended', () => {
  progress.begin('listen')
  progress.end()
  vi.advanceTimersByTime(60_000)
  expect(notes()).toEqual([])
})

test('What is counted has its rate, and the share of the whole that it was given', () => {
  const speak = progress.counter('speak', 'segments', { from: 0.2, to: 0.6 })
  vi.advanceTimersByTime(2_000)
  speak(3, 12)
  expect(context.progressed.at(-1)).toEqual({ fraction: expect.closeTo(0.3, 6) as number, note: 'speak: 3 of 12 segments, 1.5/s' })
})

test('Bytes on their way leave the fraction where it is, and have their rate, whether their number is known or not', () => {
  progress.report(0.4, 'encode')
  const fetched = progress.bytes('fetch')
  vi.advanceTimersByTime(1_000)
  fetched(2_500_000, 10_000_000)
  vi.advanceTimersByTime(1_000)
  fetched(5_000_000, undefined)
  expect(context.progressed.slice(1)).toEqual([{ fraction: 0.4, note: 'fetch: 2.5 MB of 10.0 MB, 2.5 MB/s' }, { fraction: 0.4, note: 'fetch: 5.0 MB, 2.5 MB/s' }])
})

test('It never goes back, is told twice a second at most where it is slow, and its end always', () => {
  for (let step = 0; step <= 1_000; step++) {
    progress.report(step === 500 ? 0.1 : step / 1_000, 'encode', '2x')
    vi.advanceTimersByTime(100)
  }
  const fractions = context.progressed.map(({ fraction }) => fraction)
  expect(fractions).toEqual(fractions.toSorted((a, b) => a - b))
  expect(fractions.length).toBeLessThanOrEqual(202)
  expect(fractions.at(-1)).toBe(1)
})
