import { addCosts, TerminalError, type Cost, type Costs } from '@track-orchestrator/registry'
import { number, recordOf, refuse, required, shape, text, type Rule } from '@track-orchestrator/registry/options'

/** What units cost, in a currency: their costs are told in it as well. */
export interface Prices {
  /** `USD`. */
  readonly currency: string
  /** For one of each unit: `{ characters: 0.0003 }`. A price of one task alone stands under `task/unit`: `translate_segments/input_tokens`. */
  readonly per: Readonly<Record<string, number>>
}

/** What `Prices` may be. */
export const pricesRule: Rule = {
  expects: 'prices, as { currency: "USD", per: { characters: 0.0003 } }',
  looksInto: 'object',
  check(value, name) {
    const { currency, per } = shape({ currency: required(text({ pattern: /^[A-Za-z][\w.-]{0,59}$/, what: 'a unit such as USD' })), per: required(recordOf(number({ from: 0 }))) }).check(value, name) as Prices
    if (Object.hasOwn(per, currency)) refuse(`${name}.per.${currency}`, 'left out: it is the currency itself', per[currency])
    return { currency, per }
  },
}

/** A cost, and beside it what that is in the currency, where its unit has a price. */
export function priced(taskName: string, { amount, unit }: Cost, prices: Prices | undefined): Costs {
  const { per, currency } = prices ?? { per: {}, currency: '' }
  const own = `${taskName}/${unit}`
  const price = Object.hasOwn(per, own) ? per[own] : Object.hasOwn(per, unit) ? per[unit] : undefined
  return price === undefined ? { [unit]: amount } : addCosts({ [unit]: amount }, { [currency]: Number((amount * price).toPrecision(15)) })
}

/** The sum of several costs of one task. Throws where a contract's `expectedCost` gives none. */
export function pricedSum(taskName: string, given: unknown, prices: Prices | undefined): Costs {
  const costs: readonly unknown[] = Array.isArray(given) ? given : [given]
  return addCosts(...costs.map((cost) => {
    const { amount, unit } = (cost ?? {}) as Partial<Cost>
    if (typeof unit !== 'string' || !Number.isFinite(amount)) throw new TerminalError(`expectedCost of ${taskName} must give { amount, unit }, or a list of them.`, { code: 'cost/expectation_failed' })
    return priced(taskName, { amount: amount!, unit }, prices)
  }))
}
