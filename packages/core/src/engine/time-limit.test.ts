import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { TimeLimit } from './time-limit.ts'

beforeEach(() => void vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'] }))
afterEach(() => void vi.useRealTimers())

const never = new AbortController().signal

test('the signal tells that the time is over, whether it was asked for before or after', () => {
  const limit = new TimeLimit(100, 'slow', never)
  const { signal } = limit
  const late = new TimeLimit(100, 'slow', never)
  let told = 0
  limit.whenOver(() => told++)
  vi.advanceTimersByTime(99)
  expect([signal.aborted, limit.error, told]).toEqual([false, undefined, 0])
  vi.advanceTimersByTime(1)
  expect([signal.aborted, late.signal.aborted, told]).toEqual([true, true, 1])
  expect(signal.reason).toBe(limit.error)
  expect(limit.error).toMatchObject({ code: 'timed_out', message: 'slow did not end within 100 ms (timeoutMs)' })
  limit.whenOver(() => told++)
  expect(told).toBe(2)
})

test('the signal follows that of the call, also after the attempt has ended', () => {
  const { signal, abort } = controller()
  const [early, late, ended] = [new TimeLimit(100, 'slow', signal), new TimeLimit(100, 'slow', signal), new TimeLimit(100, 'slow', signal)]
  const asked = early.signal
  ended.end()
  abort('stop')
  expect([asked, late.signal, ended.signal].map(({ aborted, reason }) => [aborted, reason as unknown])).toEqual(Array.from({ length: 3 }, () => [true, 'stop']))
  expect(early.error).toBeUndefined()
})

test('the time does not run while the clock stands, nor after the end', () => {
  const limit = new TimeLimit(100, 'slow', never)
  vi.advanceTimersByTime(60)
  limit.pause()
  vi.advanceTimersByTime(1_000)
  limit.resume()
  vi.advanceTimersByTime(39)
  expect(limit.signal.aborted).toBe(false)
  limit.end()
  vi.advanceTimersByTime(1_000)
  expect([limit.signal.aborted, limit.error]).toEqual([false, undefined])
})

function controller() {
  const made = new AbortController()
  return { signal: made.signal, abort: (reason: string) => made.abort(reason) }
}
