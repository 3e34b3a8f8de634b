import { addAmounts, addCosts, amountsByUnit, costsText, TerminalError, toTracksError, type Costs, type ExpectedCost } from '@track-orchestrator/registry'
import { shape, type Rule } from '@track-orchestrator/registry/options'
import { isIgnoredPromise } from '@track-orchestrator/registry/waiting'
import { pricedSum, type Prices } from './prices.ts'

/** How much a run may spend. */
export interface RunLimits {
  /**
   * By unit, or by the currency of the prices: `{ characters: 50_000, USD: 2 }`. No step begins once a limit is reached, and none whose contract
   * says that it would go beyond (`expectedCost`). What a handler pays while it works is not stopped. What steps had cost that a resumed run
   * reuses counts.
   */
  readonly cost?: Costs
}

/** What `RunLimits` may be. */
export const runLimitsRule: Rule = shape({ cost: amountsByUnit })

/** The limits of a run, and what counts beside what it has paid itself. */
export interface CostLimit {
  readonly cost?: Costs | undefined
  /** What was spent where this process cannot see it. */
  readonly before?: Costs | undefined
  readonly tenant?: { readonly id: string; readonly cost: Costs; /** By this run and all others of the tenant. */ readonly spent: () => Costs } | undefined
}

/** What a ledger needs of a call. */
export interface PayingCall {
  readonly path: string
  readonly track: string
  readonly step: string
  readonly input: unknown
  readonly contract: { readonly name: string; readonly expectedCost?: ExpectedCost | undefined }
}

/** What a call is going to cost; nothing where that is not known. Throws `cost/expectation_failed`. */
export function expectedCosts({ contract, input }: PayingCall, prices: Prices | undefined): Costs | undefined {
  const { name, expectedCost } = contract
  if (expectedCost === undefined) return undefined
  if (expectedCost === 'none') return {}
  let given: unknown
  try {
    given = expectedCost(copyOf(input))
  } catch (cause) {
    throw expectationFailed(name, `threw: ${toTracksError(cause).message}`, cause)
  }
  if (isIgnoredPromise(given)) throw expectationFailed(name, 'answered a promise, which is not awaited. Make it a plain function of the input')
  try {
    return given === undefined ? undefined : pricedSum(name, given, prices)
  } catch (cause) {
    throw expectationFailed(name, `must give { amount, unit }, or a list of them. ${(cause as Error).message}`)
  }
}

/** The handler is given the input next: nothing is to be changed in it. */
function copyOf(input: unknown): unknown {
  try {
    return structuredClone(input)
  } catch {
    return input // made by a transform, of what nobody can copy
  }
}

function expectationFailed(taskName: string, why: string, cause?: unknown): TerminalError {
  return new TerminalError(`expectedCost of ${taskName} ${why}`, { code: 'cost/expectation_failed', cause })
}

/** Throws where the call would go beyond a limit. */
export function refuseBeyond(call: PayingCall, expected: Costs | undefined, limit: CostLimit, { spent, expected: going }: { readonly spent: Costs; readonly expected: Costs }): void {
  const run = unitBeyond(limit.cost, addCosts(spent, going), expected)
  if (run !== undefined) {
    throw new TerminalError(`${reached(call, 'The run', run, limit.cost!, spent, going, expected)} Resume it with a higher limit: limits: { cost: { ${run}: … } }. What has finished is not paid for again.`, { code: 'cost/limit_reached' })
  }
  const { tenant } = limit
  const ofTenant = tenant && tenant.spent()
  const unit = ofTenant && unitBeyond(tenant.cost, addCosts(ofTenant, going), expected)
  if (unit === undefined) return
  throw new TerminalError(`${reached(call, `Tenant ${tenant!.id}`, unit, tenant!.cost, ofTenant!, going, expected)} Resume the run when limits.tenantCost is higher, or its time has passed.`, { code: 'cost/tenant_limit_reached' })
}

/** The first unit whose limit is reached, unless the call is known to cost none of it, or would be gone beyond. */
function unitBeyond(limits: Costs = {}, spent: Costs, expected: Costs | undefined): string | undefined {
  return Object.keys(limits).find((unit) => {
    const left = addAmounts(limits[unit]!, -(spent[unit] ?? 0))
    const own = expected?.[unit] ?? 0
    return expected ? own > 0 && own > left : left <= 0
  })
}

function reached({ step, track }: PayingCall, who: string, unit: string, limits: Costs, spent: Costs, going: Costs, expected: Costs | undefined): string {
  const amount = (costs: Costs | undefined) => costsText({ [unit]: costs?.[unit] ?? 0 })
  const more = expected ? `, and the step takes ${amount(expected)}` : ''
  const others = (going[unit] ?? 0) > 0 ? `, with ${amount(going)} in steps that go on` : ''
  return `Step ${step} of ${track} was not begun: ${who} has spent ${amount(spent)} of ${amount(limits)}${others}${more}.`
}
