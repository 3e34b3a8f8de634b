import { addCosts, type Costs } from '@track-orchestrator/registry'
import type { PaidCosts } from '../costs/ledger.ts'
import type { JournalRecord } from './record.ts'

/** What a handler paid, as it is written down when it is paid: so it is there also where the call never ends. */
export const paidRecord = (path: string, costs: Costs) => ({ type: 'cost.paid', path, costs }) as const

/** What a run has paid, by the paths of the calls. */
export function paidIn(records: readonly JournalRecord[]): PaidCosts {
  const paid = new Map<string, Costs>()
  for (const { type, path, costs } of records) {
    if (type === 'cost.paid') paid.set(path as string, addCosts(paid.get(path as string), costs as Costs))
  }
  return Object.fromEntries(paid)
}

/** All that a run has paid; nothing where it has paid nothing. */
export function totalPaid(records: readonly JournalRecord[]): Costs | undefined {
  const paid = Object.values(paidIn(records))
  return paid.length > 0 ? addCosts(...paid) : undefined
}
