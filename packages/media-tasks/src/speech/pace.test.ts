import { setTimeout as wait } from 'node:timers/promises'
import { ProviderError } from '@track-orchestrator/registry'
import { createTestContext } from '@track-orchestrator/registry/testing'
import { expect, test } from 'vitest'
import { createPace } from './pace.ts'

const { log } = createTestContext()
const tooMany = (retryAfterMs = 0) => new ProviderError('too many', { provider: 'P', status: 429, retryAfterMs })
const signal = new AbortController().signal

/** A service that refuses all calls above its limit. */
function limitedService(limit: number) {
  let atOnce = 0
  const seen = { most: 0, calls: 0, refused: 0 }
  const call = async () => {
    seen.calls++
    seen.most = Math.max(seen.most, ++atOnce)
    try {
      const refused = atOnce > limit
      await wait(2)
      if (refused) {
        seen.refused++
        throw tooMany()
      }
    } finally {
      atOnce--
    }
  }
  return { call, seen }
}

test.each([[20, 1], [20, 3], [7, 2], [3, 3]])('%i calls at once are brought down to what a service of %i can take, and all get through', async (width, limit) => {
  const { call, seen } = limitedService(limit)
  const pace = createPace({ width, signal, log })
  await Promise.all(Array.from({ length: 60 }, () => pace.run(call)))
  expect(seen.calls - seen.refused).toBe(60)
  expect(seen.most).toBeLessThanOrEqual(width)
})

test('a service that can take them all gets them all, and no more than that', async () => {
  const { call, seen } = limitedService(4)
  const pace = createPace({ width: 4, signal, log })
  await Promise.all(Array.from({ length: 20 }, () => pace.run(call)))
  expect(seen).toEqual({ most: 4, calls: 20, refused: 0 })
})

test('what fails for another reason fails as it is, and gives its room back', async () => {
  const pace = createPace({ width: 1, signal, log })
  await expect(pace.run(() => Promise.reject(new ProviderError('down', { provider: 'P', status: 503 })))).rejects.toMatchObject({ status: 503 })
  await expect(pace.run(() => Promise.resolve('next'))).resolves.toBe('next')
})

test('nobody is called while the service rests', async () => {
  const pace = createPace({ width: 2, signal, log })
  const times: number[] = []
  let refusals = 1
  const call = () => {
    times.push(performance.now())
    return refusals-- > 0 ? Promise.reject(tooMany(200)) : Promise.resolve()
  }
  await pace.run(call)
  expect(times[1]! - times[0]!).toBeGreaterThan(190)
})

test('a rest ends when the run is cancelled', async () => {
  const cancel = new AbortController()
  const pace = createPace({ width: 2, signal: cancel.signal, log })
  const running = pace.run(() => Promise.reject(tooMany(9_000)))
  setTimeout(() => cancel.abort(), 20)
  await expect(running).rejects.toMatchObject({ code: 'cancelled' })
})
