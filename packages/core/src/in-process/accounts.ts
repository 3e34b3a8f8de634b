import { addCosts, amountsByUnit, DefinitionError, type Costs } from '@track-orchestrator/registry'
import { checkOptions, durationMs, type Rule } from '@track-orchestrator/registry/options'
import type { RunLimits } from '../costs/cost-limit.ts'
import { Ledger, type PaidCosts } from '../costs/ledger.ts'
import type { Prices } from '../costs/prices.ts'
import type { DamagedRun } from '../journal/damaged-run.ts'
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
  readonly runId: string
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
  readonly #tenants = new Map<string, TenantAccount>()

  /** Throws `DefinitionError` for a limit of tenants without a journal, which alone knows what they have spent. */
  constructor({ prices, limits = {}, journal }: { readonly prices?: Prices | undefined; readonly limits?: RunnerLimits | undefined; readonly journal?: Journal | undefined }) {
    if (limits.tenantCost && !journal) throw new DefinitionError('createRunner: limits.tenantCost needs a journal, which knows what other runs of a tenant have paid.')
    if (limits.tenantWindowMs !== undefined && !limits.tenantCost) throw new DefinitionError('createRunner: limits.tenantWindowMs says nothing without limits.tenantCost. Take it away, or say how much.')
    this.#prices = prices
    this.#limits = limits
    this.#journal = journal
  }

  /** The ledger of a run that nothing is remembered of. */
  ledger(limits: RunLimits | undefined): Ledger {
    const cost = limits?.cost ?? this.#limits.cost
    return new Ledger({ prices: this.#prices, limit: cost && { cost } })
  }

  /** Opens the ledger of a journaled run for `work`. */
  async during<Value>({ runId, tenantId, limits, earlier, onPaid }: OpenedAccount, work: (ledger: Ledger) => Promise<Value>): Promise<Value> {
    const cost = limits?.cost ?? this.#limits.cost
    const { tenantCost, tenantWindowMs } = this.#limits
    if (!tenantCost) return work(new Ledger({ prices: this.#prices, earlier, onPaid, ...(cost && { limit: { cost } }) }))
    const account = this.#tenants.get(tenantId) ?? new TenantAccount(tenantWindowMs)
    this.#tenants.set(tenantId, account)
    // What runs of other processes pay meanwhile is not seen.
    let elsewhere: Costs = {}
    const tenant = { id: tenantId, cost: tenantCost, spent: () => addCosts(elsewhere, ...account.paidHere()) }
    const ledger = new Ledger({ prices: this.#prices, earlier, onPaid, limit: { cost, tenant } })
    account.open(runId, ledger)
    try {
      elsewhere = await account.paidElsewhere(this.#journal!, tenantId)
      return await work(ledger)
    } finally {
      account.close(runId)
      if (account.isIdle) this.#tenants.delete(tenantId)
    }
  }
}

/** What a tenant pays while runs of it go on in this process: these know it themselves, and the journal knows of all others. No run is counted twice. */
class TenantAccount {
  readonly #windowMs: number | undefined
  readonly #open = new Map<string, { readonly ledger: Ledger; readonly at: number }>()
  /** Those that ended here since. */
  readonly #ended = new Map<string, { readonly paid: Costs; readonly at: number }>()

  constructor(windowMs: number | undefined) {
    this.#windowMs = windowMs
  }

  get isIdle(): boolean {
    return this.#open.size === 0
  }

  open(runId: string, ledger: Ledger): void {
    this.#ended.delete(runId) // gone on with: the ledger knows what it had paid
    this.#open.set(runId, { ledger, at: Date.now() })
  }

  close(runId: string): void {
    const { ledger, at } = this.#open.get(runId)!
    this.#open.delete(runId)
    this.#ended.set(runId, { paid: ledger.total, at })
  }

  paidHere(): Costs[] {
    for (const [runId, { at }] of this.#ended) if (at < this.#since()) this.#ended.delete(runId)
    return [...[...this.#open.values()].map(({ ledger }) => ledger.total), ...[...this.#ended.values()].map(({ paid }) => paid)]
  }

  async paidElsewhere(journal: Journal, tenantId: string): Promise<Costs> {
    const damaged: DamagedRun[] = []
    const whole = await journal.list({ tenantId }, { onDamaged: (run) => damaged.push(run) })
    // Of a damaged run counts what it still tells, where it tells whose it is.
    const runs = [...whole, ...damaged.filter((run) => run.tenantId === tenantId)]
    return addCosts(...runs.filter(({ runId, startedAt }) => startedAt >= this.#since() && !this.#open.has(runId) && !this.#ended.has(runId)).map(({ costs }) => costs))
  }

  #since(): number {
    return this.#windowMs === undefined ? Number.NEGATIVE_INFINITY : Date.now() - this.#windowMs
  }
}
