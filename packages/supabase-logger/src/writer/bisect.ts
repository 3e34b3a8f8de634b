import type { EventRow } from '../event-row.ts'
import { verdictOf, type Send, type SendResult } from './verdict.ts'

/** A row that the database refuses, also alone. */
export interface RefusedRow {
  readonly index: number
  readonly result: SendResult
}

/** What became of a batch. */
export interface Delivered {
  /** The first so many rows are settled: in the database, or refused. */
  readonly settled: number
  readonly refused: readonly RefusedRow[]
  /** Why the rest is not settled. */
  readonly stop?: SendResult
}

/** So many rows refused alone, and none accepted, for a reason that is not known to lie in a row: then it lies elsewhere. */
const enoughRefused = 8

/**
 * Sends rows in one batch; where a row is refused, in halves and halves of halves, so that the others get through.
 * Rows refused for an unclear reason count as refused only where others of the batch were taken.
 */
export async function deliver(rows: readonly EventRow[], send: Send): Promise<Delivered> {
  const refused: RefusedRow[] = []
  let accepted = 0
  let settled = 0
  let unclear: SendResult | undefined

  const offer = async (from: number, to: number): Promise<SendResult | undefined> => {
    const result = await send(rows.slice(from, to))
    const verdict = verdictOf(result)
    if (verdict === 'accepted') {
      accepted += to - from
      settled = to
      return undefined
    }
    if (verdict !== 'row' && verdict !== 'unclear') return result
    if (to - from === 1) {
      refused.push({ index: from, result })
      settled = to
      if (verdict === 'unclear') unclear = result
      return unclear && accepted === 0 && refused.length >= enoughRefused ? unclear : undefined
    }
    const middle = Math.ceil((from + to) / 2)
    return (await offer(from, middle)) ?? offer(middle, to)
  }

  const stop = rows.length === 0 ? undefined : await offer(0, rows.length)
  if (unclear && accepted === 0) return { settled: 0, refused: [], stop: stop ?? unclear }
  return { settled, refused, ...(stop && { stop }) }
}
