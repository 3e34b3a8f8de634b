import { expect, onTestFinished, test, vi } from 'vitest'
import { newId } from './new-id.ts'

const format = /^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/
const timeOf = (id: string) => Number.parseInt(id.slice(0, 8) + id.slice(9, 13), 16)

test('ids are UUIDs of version 7, each of its own, and begin with the time', () => {
  const before = Date.now()
  const ids = Array.from({ length: 10_000 }, newId)
  expect(ids.filter((id) => !format.test(id))).toEqual([])
  expect(new Set(ids).size).toBe(ids.length)
  expect(timeOf(newId())).toBeGreaterThanOrEqual(before)
})

test('ids sort in the order they were made: within one millisecond, past what its counter holds, and when the clock is set back', () => {
  vi.useFakeTimers({ now: Date.now() + 10_000, toFake: ['Date'] })
  onTestFinished(() => void vi.useRealTimers())
  const ids = Array.from({ length: 20_000 }, newId)
  vi.setSystemTime(Date.now() - 60_000)
  ids.push(newId(), newId())
  expect(ids).toEqual(ids.toSorted())
  expect(new Set(ids).size).toBe(ids.length)
  expect(ids.filter((id) => !format.test(id))).toEqual([])
})

test('what is random in ids differs from one to the next, and the counter begins anew with each millisecond', () => {
  vi.useFakeTimers({ now: Date.now() + 120_000, toFake: ['Date'] })
  onTestFinished(() => void vi.useRealTimers())
  const parts = Array.from({ length: 600 }, () => {
    vi.setSystemTime(Date.now() + 1)
    return newId().split('-')
  })
  expect(new Set(parts.map(([, , , , tail]) => tail)).size).toBe(600)
  expect(new Set(parts.map(([, , head]) => head)).size).toBeGreaterThan(100)
  expect(new Set(parts.map(([, , , counter]) => counter))).toEqual(new Set(['8000']))
})
