import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { EventRow } from '../event-row.ts'
import { eventRow, eventRows } from '../testing/event-rows.ts'
import type { Send, SendResult } from './answer.ts'
import { deliver, type Refused, type Unanswered } from './deliver.ts'

const poison: SendResult = { status: 400, code: '22P02', message: 'invalid input syntax' }
const unclear: SendResult = { status: 500, code: 'XX000' }
const locked: SendResult = { status: 500, code: '55P03' }
/** No answer comes, though the service is well. */
const silent: SendResult = { status: 0, code: '', timedOut: true }
const down: SendResult = { status: 503, code: 'PGRST000' }
const migration: SendResult = { status: 400, code: 'PGRST204', message: "Could not find the 'extra' column of 'track_run_events' in the schema cache" }

/** A table that answers so for some rows, with all that come with them, and fails after so many requests. */
function table(refusalOf: (row: EventRow) => SendResult | undefined, failsAfter = Infinity) {
  const stored = new Set<string>()
  let requests = 0
  const send: Send = async (rows) => {
    if (++requests > failsAfter) return down
    for (const row of rows) {
      const refusal = refusalOf(row)
      if (refusal) return refusal
    }
    for (const { id } of rows) stored.add(id)
    return { status: 201 }
  }
  return { send, stored, requests: () => requests }
}
const indexesOf = (rows: readonly Refused[]) => rows.map(({ index }) => index).toSorted((a, b) => a - b)

test('one refused row among 500 is found in few requests, and the others get through', async () => {
  const rows = eventRows(500)
  const { send, stored, requests } = table(({ sequence }) => (sequence === 333 ? poison : undefined))
  const delivered = await deliver(rows, send)
  expect(delivered).toMatchObject({ refused: [{ index: 332, result: poison }], waiting: [] })
  expect(delivered.stored).toHaveLength(499)
  expect(stored.size).toBe(499)
  expect(requests()).toBeLessThan(25)
})

test('whatever is refused, locked, broken or left without an answer, and whenever the service fails: a row is stored, refused, waiting or left, and never two of these', async () => {
  const kinds = fc.constantFrom(undefined, undefined, undefined, poison, unclear, locked, silent)
  await fc.assert(
    fc.asyncProperty(fc.array(fc.record({ kind: kinds, run: fc.nat({ max: 5 }) }), { minLength: 1, maxLength: 60 }), fc.nat({ max: 120 }), async (plan, failsAfter) => {
      const lockedRuns = new Set(plan.flatMap(({ kind, run }) => (kind === locked ? run : [])))
      const rows = plan.map(({ run }, index) => eventRow(index, { run_id: `run-${run}` }))
      const refusalOf = ({ sequence, run_id }: EventRow) => (lockedRuns.has(Number(run_id.slice(4))) ? locked : plan[sequence]!.kind)
      const { send, stored } = table(refusalOf, failsAfter)
      const delivered = await deliver(rows, send, { isInDoubt: true })
      const all = [...delivered.stored, ...indexesOf(delivered.refused), ...indexesOf(delivered.waiting)]
      expect(new Set(all).size).toBe(all.length)
      expect(new Set(delivered.stored.map((index) => rows[index]!.id))).toEqual(stored)
      for (const { index, result } of delivered.refused) expect(refusalOf(rows[index]!)).toBe(result)
      for (const index of delivered.stored) expect(refusalOf(rows[index]!)).toBeUndefined()
      if (!delivered.stop) expect(all).toHaveLength(rows.length)
      // For an unclear reason a row is given up only where others were taken.
      if (delivered.stored.length === 0) expect(delivered.refused.filter(({ result }) => result === unclear)).toEqual([])
    }),
  )
})

test('where every row is refused for an unclear reason, the reason is elsewhere: none is given up, and the run that was tried makes way for the next', async () => {
  const rows = eventRows(500).map((row) => ({ ...row, run_id: row.sequence <= 100 ? 'first' : 'second' }))
  const { send, requests } = table(() => unclear)
  const delivered = await deliver(rows, send)
  expect(delivered).toMatchObject({ stored: [], refused: [], stop: unclear })
  expect(indexesOf(delivered.waiting)).toEqual(Array.from({ length: 100 }, (_, index) => index))
  expect(requests()).toBeLessThan(30)
})

test('a row refused for an unclear reason waits until others are taken, of its batch or since', async () => {
  const { send } = table(({ sequence }) => (sequence === 1 ? unclear : undefined))
  expect(await deliver(eventRows(1), send)).toMatchObject({ refused: [], waiting: [{ index: 0, result: unclear }] })
  expect(await deliver(eventRows(2), send)).toMatchObject({ stored: [1], refused: [{ index: 0 }], waiting: [] })
  expect(await deliver(eventRows(1), send, { othersAreTaken: true })).toMatchObject({ refused: [{ index: 0 }], waiting: [] })
})

test('a row that loses every race is refused once its run has waited for that, and what else is of the run is stored', async () => {
  for (const code of ['40001', '40P01']) {
    const { send } = table(({ sequence }) => (sequence === 5 ? { status: 500, code } : undefined))
    expect(await deliver(eventRows(10), send)).toMatchObject({ stored: [], refused: [], waiting: { length: 10 } })
    const delivered = await deliver(eventRows(10), send, { haveWaited: true })
    expect(delivered).toMatchObject({ refused: [{ index: 4 }], waiting: [] })
    expect(delivered.stored).toHaveLength(9)
  }
})

test('a row that gets no answer is given up the third time, where others were taken since and the service is well; never before, and never where it is away', async () => {
  const refusalOf = ({ sequence }: EventRow) => (sequence === 1 ? silent : undefined)
  const unanswered: Unanswered = new Map()
  const lone = (takenAt: number, failsAfter?: number) => deliver(eventRows(1), table(refusalOf, failsAfter).send, { isInDoubt: true, haveWaited: true, unanswered, takenAt })
  for (let time = 1; time <= 2; time++) expect(await lone(performance.now())).toMatchObject({ refused: [], waiting: [{ index: 0 }] })
  expect(await lone(performance.now(), 1)).toMatchObject({ refused: [], waiting: [], stop: silent }) // the service is asked, and does not answer either
  expect(await lone(performance.now(), 2)).toMatchObject({ refused: [], waiting: [{ index: 0 }] }) // it is away when it is asked once more
  for (let time = 5; time < 9; time++) expect(await lone(0)).toMatchObject({ refused: [], waiting: [{ index: 0 }] })
  expect(await lone(performance.now())).toMatchObject({ refused: [{ index: 0, result: silent }], waiting: [] })
  expect(await lone(performance.now())).toMatchObject({ refused: [], waiting: [{ index: 0 }] }) // forgotten: the next one begins anew
})

test('where a run is locked, its rows wait, and those of all others are stored', async () => {
  const rows = eventRows(400).map((row) => ({ ...row, run_id: `run-${row.sequence % 20}` }))
  const { send, requests } = table(({ run_id }) => (run_id === 'run-7' ? locked : undefined))
  const { stored, waiting, stop } = await deliver(rows, send)
  expect([stored.length, waiting.length, stop]).toEqual([380, 20, undefined])
  expect(requests()).toBeLessThan(12)
})

test('where everything is locked it is tried no more after a few runs, which make way', async () => {
  const rows = eventRows(400).map((row) => ({ ...row, run_id: `run-${row.sequence % 40}` }))
  const { send, requests } = table(() => locked)
  const { waiting, stop } = await deliver(rows, send)
  expect([waiting.length, stop]).toEqual([80, locked])
  expect(requests()).toBeLessThan(20)
})

test('a row with a column that the database does not have is refused; where a column of our own is missing, all wait', async () => {
  const strange = { ...eventRow(2), extra: 1 } as EventRow
  const { send } = table((row) => ('extra' in row ? migration : undefined))
  expect(await deliver([eventRow(1), strange, eventRow(3)], send)).toMatchObject({ stored: [0, 2], refused: [{ index: 1 }] })
  expect(await deliver([strange], send)).toMatchObject({ refused: [{ index: 0 }] })
  expect(await deliver(eventRows(3), table(() => migration).send)).toMatchObject({ stored: [], refused: [], stop: migration })
  const older = table((row) => ('extra' in row ? migration : { ...migration, code: 'PGRST205' }))
  expect(await deliver([eventRow(1), strange], older.send)).toMatchObject({ stored: [], stop: { code: 'PGRST205' } })
})
