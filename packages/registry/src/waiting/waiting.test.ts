import fc from 'fast-check'
import { afterEach, describe, expect, test, vi } from 'vitest'
import { ProviderError } from '../errors/provider-error.ts'
import { TerminalError } from '../errors/ending-errors.ts'
import { backoffDelayMs, inTurns, longestRetryAfterMs, longestTimerMs, readRetryAfter, retryDelayMs, settlesWithin, startTimer, unlessAborted, wait, watchAbort } from './index.ts'

afterEach(() => {
  vi.useRealTimers()
})

describe('a wait', () => {
  test('ends when its time is over, or at once when a signal is aborted, before or while', async () => {
    const controller = new AbortController()
    const waits = [wait(1), wait(60_000, controller.signal), wait(60_000, [undefined, new AbortController().signal, controller.signal])]
    controller.abort()
    expect(await Promise.all(waits)).toEqual([true, false, false])
    expect(await wait(60_000, AbortSignal.abort())).toBe(false)
    expect(await wait(60_000, [AbortSignal.abort(), AbortSignal.abort()])).toBe(false)
    expect(await wait(0, [])).toBe(true)
  })

  test('of 30 days takes 30 days, though timers of Node end after 24.8', async () => {
    vi.useFakeTimers()
    const ms = 30 * 86_400_000
    let passed: boolean | undefined
    void wait(ms).then((answer) => (passed = answer))
    await vi.advanceTimersByTimeAsync(ms - 1)
    expect(passed).toBeUndefined()
    await vi.advanceTimersByTimeAsync(1)
    expect(passed).toBe(true)
  })

  test('leaves no timer behind, however it ends', async () => {
    vi.useFakeTimers()
    const controller = new AbortController()
    void wait(5, controller.signal)
    const callOff = startTimer(longestTimerMs * 3, () => expect.unreachable())
    await vi.advanceTimersByTimeAsync(longestTimerMs)
    controller.abort()
    callOff()
    expect(vi.getTimerCount()).toBe(0)
  })
})

describe('a watched signal', () => {
  test('has one listener, however many wait for it, and Node warns of nothing', async () => {
    const warnings: Error[] = []
    const onWarning = (warning: Error) => warnings.push(warning)
    process.on('warning', onWarning)
    const controller = new AbortController()
    const listen = vi.spyOn(controller.signal, 'addEventListener')
    const waits = Array.from({ length: 100_000 }, () => wait(60_000, controller.signal))
    controller.abort()
    expect(new Set(await Promise.all(waits))).toEqual(new Set([false]))
    await wait(1)
    process.off('warning', onWarning)
    expect(listen).toHaveBeenCalledTimes(1)
    expect(warnings).toEqual([])
  })

  test('tells each watcher once, those that ended their watch never, and late ones at once', () => {
    const controller = new AbortController()
    const told: string[] = []
    const same = () => told.push('same')
    watchAbort(controller.signal, same)
    watchAbort(controller.signal, same)
    watchAbort(controller.signal, () => {
      told.push('first')
      endOther()
      watchAbort(controller.signal, () => told.push('late'))
    })
    const endOther = watchAbort(controller.signal, () => told.push('other'))
    controller.abort()
    expect(told).toEqual(['same', 'same', 'first', 'late'])
  })

  test('tells the others when one of them throws', async () => {
    const uncaught: unknown[] = []
    const listeners = process.listeners('uncaughtException')
    process.removeAllListeners('uncaughtException')
    process.on('uncaughtException', (error) => uncaught.push(error))
    const controller = new AbortController()
    const thrown = new Error('a watcher that throws')
    watchAbort(controller.signal, () => {
      throw thrown
    })
    const told = vi.fn<() => void>()
    watchAbort(controller.signal, told)
    controller.abort()
    await wait(1)
    process.removeAllListeners('uncaughtException')
    for (const listener of listeners) process.on('uncaughtException', listener)
    expect(told).toHaveBeenCalledTimes(1)
    expect(uncaught).toEqual([thrown])
  })
})

test('a promise is waited for unless the signal is aborted; what it does afterwards harms nobody', async () => {
  const controller = new AbortController()
  const late = wait(5).then(() => Promise.reject(new Error('late')))
  const racing = unlessAborted(late, controller.signal)
  controller.abort(new TerminalError('stopped'))
  await expect(racing).rejects.toThrow('stopped')
  await expect(late).rejects.toThrow('late')
  expect(await unlessAborted(Promise.resolve(1), new AbortController().signal)).toBe(1)
  await expect(unlessAborted(Promise.resolve(1), AbortSignal.abort(new Error('before')))).rejects.toThrow('before')
})

test('whether a promise settles in time is told, and its rejection is no failure', async () => {
  expect(await settlesWithin(Promise.reject(new Error('failed')), 60_000)).toBe(true)
  expect(await settlesWithin(new Promise(() => {}), 1)).toBe(false)
})

describe('waits between attempts', () => {
  const policy = { maxAttempts: 10, minDelayMs: 100, factor: 2, maxDelayMs: 1_000 }

  test.each([
    [1, 0, 50],
    [1, 1, 100],
    [2, 1, 200],
    [5, 1, 1_000],
    [2_000, 1, 1_000],
  ])('after failure %i with chance %d: %d ms', (failures, random, ms) => {
    expect(backoffDelayMs(policy, failures, () => random)).toBe(ms)
  })

  test('are whole, never negative, and never above the limit, whatever the policy', () => {
    const ms = fc.nat({ max: longestTimerMs })
    fc.assert(fc.property(ms, fc.double({ min: 1, max: 1e6, noNaN: true }), ms, fc.constantFrom('half', 'full'), fc.integer({ min: 1, max: 1e9 }), fc.double({ min: 0, max: 0.999, noNaN: true }), (minDelayMs, factor, maxDelayMs, jitter, failures, random) => {
      const delayMs = backoffDelayMs({ minDelayMs, factor, maxDelayMs, jitter }, failures, () => random)
      expect(Number.isSafeInteger(delayMs)).toBe(true)
      expect(delayMs).toBeGreaterThanOrEqual(0)
      expect(delayMs).toBeLessThanOrEqual(Math.max(minDelayMs, maxDelayMs))
    }))
  })

  test('full jitter leaves all of it to chance', () => {
    expect([0, 0.5, 1].map((random) => backoffDelayMs({ ...policy, jitter: 'full' }, 2, () => random))).toEqual([0, 100, 200])
  })

  const busy = (retryAfterMs?: number) => new ProviderError('busy', { provider: 'P', status: 429, retryAfterMs })
  test.each([
    ['as the policy says', busy(), 1, 100],
    ['at least what was asked for', busy(5_000.2), 1, 5_001],
    ['no less than the policy says', busy(1), 1, 100],
    ['up to 10 minutes', busy(longestRetryAfterMs), 1, longestRetryAfterMs],
    ['not for longer', busy(longestRetryAfterMs + 1), 1, undefined],
    ['not where it cannot help', new TerminalError('no'), 1, undefined],
    ['not after the last attempt', busy(), 10, undefined],
  ])('the next attempt comes %s', (_when, error, attempt, ms) => {
    expect(retryDelayMs(error, policy, attempt, () => 1)).toBe(ms)
  })

  test('a policy whose numbers are undefined is the default: three attempts', () => {
    const open = { maxAttempts: undefined, minDelayMs: undefined, factor: undefined, maxDelayMs: undefined }
    expect([1, 2, 3].map((attempt) => retryDelayMs(busy(), open, attempt, () => 1))).toEqual([1_000, 2_000, undefined])
    expect(retryDelayMs(busy(), undefined, 3)).toBeUndefined()
  })
})

const now = Date.parse('2026-01-01T00:00:00Z')
test.each([
  ['7', 7_000],
  [' 7 ', 7_000],
  ['0', 0],
  ['1.5', 1_500],
  [['3', '4'], 3_000],
  ['99999999999', 99_999_999_999_000],
  ['Thu, 01 Jan 2026 00:00:30 GMT', 30_000],
  ['Thursday, 01-Jan-26 00:00:30 GMT', 30_000],
  ['2026-01-01T00:01:00Z', 60_000],
  ['Wed, 31 Dec 2025 23:00:00 GMT', 0],
  ['-3', undefined],
  ['0x10', undefined],
  ['1e3', undefined],
  ['soon', undefined],
  ['soon 2', undefined],
  ['Thu, 99 Foo 2026 00:00:30 GMT', undefined],
  ['', undefined],
  [[], undefined],
  [null, undefined],
  [undefined, undefined],
])('retry-after %j is %j ms', (header, ms) => {
  expect(readRetryAfter(header, now)).toBe(ms)
})

test('the same is done with each item, so many at once, and what comes of each stands in its place; after one has thrown no further are begun', async () => {
  let going = 0
  let most = 0
  const begun: number[] = []
  const act = async (n: number) => {
    begun.push(n)
    most = Math.max(most, ++going)
    await new Promise((end) => setTimeout(end, (5 - n) * 4))
    going--
    if (n === 9) throw new Error('no')
    return n * 2
  }
  expect(await inTurns([0, 1, 2, 3, 4], 2, act)).toEqual([0, 2, 4, 6, 8])
  expect(most).toBe(2)
  begun.splice(0)
  await expect(inTurns([9, 1, 2, 3], 2, act)).rejects.toThrow('no')
  expect(begun).not.toContain(3)
  expect(await inTurns([], 2, act)).toEqual([])
})
