import { addCosts, type Costs } from '@track-orchestrator/registry'
import type { PaidCosts } from '../costs/ledger.ts'
import type { RecordHead } from './record.ts'

/** What a handler paid, as it is written down when it is paid: so it is there also where the call never ends. */
export const paidRecord = (path: string, costs: Costs) => ({ type: 'cost.paid', path, costs }) as const

/** What a run has paid, by the paths of the calls. */
export function paidIn(records: readonly RecordHead[]): PaidCosts {
  const paid = new Map<string, Costs>()
  for (const head of records) {
    if (head.type !== 'cost.paid') continue
    const { path, costs } = head.whole() as unknown as ReturnType<typeof paidRecord>
    paid.set(path, addCosts(paid.get(path), costs))
  }
  return Object.fromEntries(paid)
}

/** All that a run has paid; nothing where it has paid nothing. */
export function totalPaid(records: readonly RecordHead[]): Costs | undefined {
  const paid = Object.values(paidIn(records))
  return paid.length > 0 ? addCosts(...paid) : undefined
}
