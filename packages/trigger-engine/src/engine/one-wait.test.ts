import { expect, test } from 'vitest'
import { OneWait } from './one-wait.ts'

const nothing = () => Promise.resolve()

test('one wait after the other goes through', async () => {
  const oneWait = new OneWait()
  const waits = [await oneWait.hold('a', nothing, () => Promise.resolve(1)), await oneWait.hold('b', nothing, () => Promise.resolve(2))]
  expect(waits).toEqual([1, 2])
})

test('of two that are asked for at once neither starts, and both are told what to do instead', async () => {
  const oneWait = new OneWait()
  const started: string[] = []
  const hold = (what: string) => oneWait.hold(what, nothing, async () => started.push(what))
  const results = await Promise.allSettled([hold('a'), hold('b')])
  for (const result of results) {
    expect(result).toMatchObject({ status: 'rejected', reason: { code: 'engine_unsupported', retryable: false, message: expect.stringMatching(/waits for a and cannot wait for b .* one after the other/) as string } })
  }
  expect(started).toEqual([])
})

test('one that is asked for while another goes on is refused; the other goes on, and what comes after it is free', async () => {
  const oneWait = new OneWait()
  let begin = () => {}
  let end = (_value: number) => {}
  const begun = new Promise<void>((resolve) => (begin = resolve))
  const first = oneWait.hold('a', nothing, () => {
    begin()
    return new Promise<number>((resolve) => (end = resolve))
  })
  await begun
  await expect(oneWait.hold('b', nothing, nothing)).rejects.toMatchObject({ code: 'engine_unsupported' })
  end(7)
  expect(await first).toBe(7)
  expect(await oneWait.hold('c', nothing, () => Promise.resolve(8))).toBe(8)
})
