import { addAmounts, addCosts, amountsByUnit, DefinitionError, type Costs } from '@track-orchestrator/registry'
import { checkOptions, durationMs, type Rule } from '@track-orchestrator/registry/options'
import type { RunLimits } from '../costs/cost-limit.ts'
import { Ledger, type PaidCosts } from '../costs/ledger.ts'
import type { Prices } from '../costs/prices.ts'
import type { Journal } from '../journal/journal.ts'

/** How much runs may spend. */
export interface RunnerLimits extends RunLimits {
  /** What all runs of a tenant together may spend, by the journal: with `tenantWindowMs` those that began within that time. */
  readonly tenantCost?: Costs
  /** In milliseconds, from 1. Default: all runs that the journal holds. */
  readonly tenantWindowMs?: number
}

/** What `RunnerLimits` may be. */
export const runnerLimitsRule: Rule = {
  expects: 'limits, as { cost: { USD: 2 } }',
  looksInto: 'object',
  check: (value, name) => checkOptions<RunnerLimits>(name, value as RunnerLimits, { cost: amountsByUnit, tenantCost: amountsByUnit, tenantWindowMs: { ...durationMs({ from: 1, to: Number.MAX_SAFE_INTEGER }) } }),
}

/** A run that begins, or is gone on with. */
export interface OpenedAccount {
  readonly tenantId: string
  /** Of this run, in place of the runner's. */
  readonly limits?: RunLimits | undefined
  readonly earlier?: PaidCosts
  readonly onPaid?: (path: string, costs: Costs) => void
}

/** What the runs of one runner pay, and may. */
export class Accounts {
  readonly #prices: Prices | undefined
  readonly #limits: RunnerLimits
  readonly #journal: Journal | undefined
  /** Of runs that go on in this process, by tenant. */
  readonly #open = new Map<string, Set<Ledger>>()

  /** Throws `DefinitionError` for a limit of tenants without a journal, which alone knows what they have spent. */
  constructor({ prices, limits = {}, journal }: { readonly prices?: Prices | undefined; readonly limits?: RunnerLimits | undefined; readonly journal?: Journal | undefined }) {
    if (limits.tenantCost && !journal) throw new DefinitionError('createRunner: limits.tenantCost needs a journal, which knows what other runs of a tenant have paid.')
    this.#prices = prices
    this.#limits = limits
    this.#journal = journal
  }

  /** The ledger of a run that nothing is remembered of. */
  ledger(limits: RunLimits | undefined): Ledger {
    const cost = limits?.cost ?? this.#limits.cost
    return new Ledger({ prices: this.#prices, ...(cost && { limit: { cost } }) })
  }

  /** Opens the ledger of a journaled run for `work`. */
  async during<Value>({ tenantId, limits, earlier, onPaid }: OpenedAccount, work: (ledger: Ledger) => Promise<Value>): Promise<Value> {
    const cost = limits?.cost ?? this.#limits.cost
    const { tenantCost } = this.#limits
    const open = this.#open.get(tenantId) ?? new Set()
    this.#open.set(tenantId, open)
    const tenant = tenantCost && { id: tenantId, cost: tenantCost, spent: await this.#spentBy(tenantId, open) }
    const ledger = new Ledger({ prices: this.#prices, earlier, onPaid, ...((cost || tenant) && { limit: { cost, tenant } }) })
    open.add(ledger)
    try {
      return await work(ledger)
    } finally {
      open.delete(ledger)
      if (open.size === 0) this.#open.delete(tenantId)
    }
  }

  /** What the tenant has spent: by the journal as it is now, and since then by runs that go on here. What runs of other processes pay meanwhile is not seen. */
  async #spentBy(tenantId: string, open: Set<Ledger>): Promise<() => Costs> {
    const { tenantWindowMs } = this.#limits
    const known = new Map([...open].map((ledger) => [ledger, ledger.paidHere]))
    const before = await this.#journal!.costs({ tenantId, ...(tenantWindowMs !== undefined && { since: Date.now() - tenantWindowMs }) })
    return () => {
      for (const ledger of open) if (!known.has(ledger)) known.set(ledger, {})
      return addCosts(before, ...[...known].map(([ledger, then]) => since(ledger.paidHere, then)))
    }
  }
}

/** What was added to the costs. */
function since(now: Costs, then: Costs): Costs {
  return Object.fromEntries(Object.entries(now).map(([unit, amount]) => [unit, addAmounts(amount, -(then[unit] ?? 0))]))
}
