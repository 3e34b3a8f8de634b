import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { EventRow } from '../event-row.ts'
import { eventRows } from '../testing/event-rows.ts'
import { deliver } from './bisect.ts'
import type { Send, SendResult } from './verdict.ts'

const poison: SendResult = { status: 400, code: '22P02', message: 'invalid input syntax' }
const unclear: SendResult = { status: 400, code: 'PGRST999' }
const down: SendResult = { status: 503, code: 'PGRST000' }

/** A table that refuses some rows, with all that come with them, and fails after so many requests. */
function table(isRefused: (row: EventRow) => boolean, refusal: SendResult, failsAfter = Infinity) {
  const stored = new Set<string>()
  let requests = 0
  const send: Send = async (rows) => {
    if (++requests > failsAfter) return down
    if (rows.some(isRefused)) return refusal
    for (const { id } of rows) stored.add(id)
    return { status: 201 }
  }
  return { send, stored, requests: () => requests }
}

test('one refused row among 500 is found in few requests, and the others get through', async () => {
  const rows = eventRows(500)
  const { send, stored, requests } = table(({ sequence }) => sequence === 333, poison)
  const delivered = await deliver(rows, send)
  expect(delivered).toEqual({ settled: 500, refused: [{ index: 332, result: poison }] })
  expect(stored.size).toBe(499)
  expect(requests()).toBeLessThan(25)
})

test('whichever rows are refused, and whenever the service fails: what is settled is stored or refused, and nothing is both', async () => {
  await fc.assert(
    fc.asyncProperty(fc.integer({ min: 1, max: 60 }), fc.array(fc.nat({ max: 59 })), fc.nat({ max: 120 }), async (count, bad, failsAfter) => {
      const rows = eventRows(count)
      const isBad = ({ sequence }: EventRow) => bad.includes(sequence - 1)
      const { send, stored } = table(isBad, poison, failsAfter)
      const { settled, refused, stop } = await deliver(rows, send)
      expect(refused.map(({ index }) => index)).toEqual(rows.slice(0, settled).flatMap((row, index) => (isBad(row) ? index : [])))
      for (const row of rows.slice(0, settled)) expect(stored.has(row.id)).toBe(!isBad(row))
      expect(stop === undefined).toBe(settled === count)
    }),
  )
})

test('where every row is refused for an unclear reason, the reason is elsewhere: none is given up', async () => {
  const { send, requests } = table(() => true, unclear)
  expect(await deliver(eventRows(500), send)).toEqual({ settled: 0, refused: [], stop: unclear })
  expect(requests()).toBeLessThan(30)
})

test('a row refused for an unclear reason is given up once others of its batch are taken', async () => {
  const { send } = table(({ sequence }) => sequence === 1, unclear)
  expect(await deliver(eventRows(1), send)).toMatchObject({ settled: 0, stop: unclear })
  expect(await deliver(eventRows(2), send)).toMatchObject({ settled: 2, refused: [{ index: 0 }] })
})
