import { addAmounts, addCosts, checkCost, type Cost, type Costs } from '@track-orchestrator/registry'
import { expectedCosts, refuseBeyond, type CostLimit, type PayingCall } from './cost-limit.ts'
import { priced, type Prices } from './prices.ts'

/** What a run has cost. */
export interface RunCosts {
  /** All that the run, by its id, has paid: for attempts that failed and in earlier processes too. */
  readonly total: Costs
  /** What steps had cost that were not run again: paid for before, not now. */
  readonly reused: Costs
  /** Of the total, what each track and each step has paid, by its path. Items are added up in their step. */
  readonly byPath: Readonly<Record<string, Costs>>
}

/** What calls have paid, by their paths. */
export type PaidCosts = Readonly<Record<string, Costs>>

/** What was paid in a part of a run, and what it had cost that was not done again. */
export interface CostsOfParts {
  readonly paid?: PaidCosts
  readonly reused?: Costs
}

export interface LedgerOptions {
  readonly prices?: Prices | undefined
  readonly limit?: CostLimit | undefined
  /** What earlier processes of the run paid. */
  readonly earlier?: PaidCosts | undefined
  /** Told of each cost when it is paid. */
  readonly onPaid?: ((path: string, costs: Costs) => void) | undefined
}

const nothing: Costs = Object.freeze({})

/** What one run pays, and whether it may pay more. One for all calls of the run in this process. Most runs pay nothing: what holds costs is made with the first. */
export class Ledger {
  private readonly _options: LedgerOptions
  /** What was paid here, by path, and of all above it. */
  private _sums: Map<string, Costs> | undefined
  /** What was paid here, by the paths of the calls. */
  private _calls: Map<string, Costs> | undefined
  private _paid = nothing
  private _reused = nothing
  /** Of what was reused, what another run has paid. */
  private _others = nothing
  private _seen = nothing
  /** What calls that go on are yet to pay, by their paths. */
  private _expected: Map<string, Costs> | undefined
  private readonly _earlier: Costs

  constructor(options: LedgerOptions = {}) {
    this._options = options
    this._earlier = options.earlier ? addCosts(...Object.values(options.earlier)) : nothing
  }

  /** A handler has paid. Throws `DefinitionError` where that is no cost. */
  pay({ path, contract }: PayingCall, given: Cost): void {
    const cost = checkCost(`${contract.name}: context.cost`, given)
    const costs = priced(contract.name, cost, this._options.prices)
    this._add(path, costs)
    this._options.onPaid?.(path, costs)
  }

  /** What calls in other processes have paid for this run. `isLost`: who asks for them again is not told again, since they failed. */
  take({ paid = {}, reused }: CostsOfParts, isLost = false): void {
    for (const [path, costs] of Object.entries(paid)) {
      this._add(path, costs)
      if (isLost) this._options.onPaid?.(path, costs)
    }
    this.reuse(reused, true)
  }

  /** What others have paid whose costs are told by whoever began them: they count for the limit. */
  see({ paid = {} }: CostsOfParts): void {
    this._seen = addCosts(this._seen, ...Object.values(paid))
  }

  /** What calls had cost that are not run again. `isOthers`: another run has paid it. */
  reuse(costs: Costs | undefined, isOthers: boolean): void {
    if (!costs) return
    this._reused = addCosts(this._reused, costs)
    if (isOthers) this._others = addCosts(this._others, costs)
  }

  /** What was paid at the path and below it, since this process goes on with the run; nothing where nothing was. */
  of(path: string): Costs | undefined {
    return this._sums?.get(path)
  }

  /** What is to be told to whoever asked for what was done here. `whole`: with each item and call by itself; else they are added up in their step. Nothing where nothing was paid or reused. */
  parts(whole = false): CostsOfParts | undefined {
    const sums = new Map<string, Costs>()
    for (const [path, costs] of [...(this._calls ?? []), ...Object.entries(this._options.earlier ?? {})]) {
      const place = whole ? path : stepOf(path)
      sums.set(place, addCosts(sums.get(place), costs))
    }
    const isReused = Object.keys(this._reused).length > 0
    if (sums.size === 0 && !isReused) return undefined
    return { paid: Object.fromEntries(sums), ...(isReused && { reused: this._reused }) }
  }

  /** The limit for a process that does part of the run, with what is spent already. `others`: what was begun before it is going to cost. */
  handDown(others?: Costs): CostLimit | undefined {
    const cost = this._options.limit?.cost
    return cost && { cost, before: addCosts(this.spent, this.expected, others) }
  }

  /** What the call is going to cost, as far as that is known and there is a limit. Where it cannot be worked out, the call itself says so when it begins. */
  expects(call: PayingCall): Costs | undefined {
    try {
      return this._options.limit && expectedCosts(call, this._options.prices)
    } catch {
      return undefined
    }
  }

  /** All that the run has paid. */
  get total(): Costs {
    return addCosts(this._earlier, this._paid)
  }

  /** Nothing where nothing was paid or reused. */
  costs(): RunCosts | undefined {
    if (this._earlier === nothing && this._paid === nothing && this._reused === nothing) return undefined
    const { total } = this
    if (Object.keys(total).length === 0 && Object.keys(this._reused).length === 0) return undefined
    const sums = new Map(this._sums)
    for (const [path, costs] of Object.entries(this._options.earlier ?? {})) addTo(sums, path, costs)
    const byPath = Object.fromEntries([...sums].filter(([path]) => stepOf(path) === path))
    return { total, reused: this._reused, byPath }
  }

  /** What counts for the limit of the run. */
  get spent(): Costs {
    return addCosts(this._options.limit?.before, this._earlier, this._others, this._seen, this._paid)
  }

  /** What calls that go on are yet to pay. */
  get expected(): Costs {
    return this._expected ? addCosts(...this._expected.values()) : nothing
  }

  /**
   * An attempt of a call is about to begin. Throws `cost/limit_reached` and `cost/tenant_limit_reached` where it would go beyond a limit. What it answers is called when the
   * attempt has ended.
   */
  begin(call: PayingCall): (() => void) | undefined {
    const { limit, prices } = this._options
    if (!limit) return undefined
    const expected = expectedCosts(call, prices)
    refuseBeyond(call, expected, limit, this)
    if (!expected || Object.keys(expected).length === 0) return undefined
    const going = (this._expected ??= new Map())
    going.set(call.path, expected)
    return () => void going.delete(call.path)
  }

  private _add(path: string, costs: Costs): void {
    this._paid = addCosts(this._paid, costs)
    this._calls ??= new Map()
    this._calls.set(path, addCosts(this._calls.get(path), costs))
    addTo((this._sums ??= new Map()), path, costs)
    const expected = this._expected?.get(path)
    if (expected) this._expected!.set(path, less(expected, costs))
  }
}

function addTo(sums: Map<string, Costs>, path: string, costs: Costs): void {
  for (const whole of wholesOf(path)) sums.set(whole, addCosts(sums.get(whole), costs))
}

/** The path, what it is part of, and of an item its step. */
function wholesOf(path: string): string[] {
  const wholes: string[] = []
  for (let end = path.length; end > 0; end = path.lastIndexOf('/', end - 1)) {
    const whole = path.slice(0, end)
    wholes.push(whole)
    if (whole.endsWith(']')) wholes.push(whole.slice(0, whole.lastIndexOf('[')))
  }
  return wholes
}

/** The path of the step: without the number of an item, and without what handlers asked for. */
function stepOf(path: string): string {
  return path.replace(/\/\d+:.*$/s, '').replaceAll(/\[\d+\]/g, '')
}

/** What is left of costs that were expected when some were paid. */
function less(expected: Costs, paid: Costs): Costs {
  return Object.fromEntries(Object.entries(expected).map(([unit, amount]) => [unit, Math.max(0, addAmounts(amount, -(paid[unit] ?? 0)))]))
}
