import { addCosts, checkCost, costAmount, costUnit, DefinitionError, type Cost, type Costs, type Registry } from '@track-orchestrator/registry'
import { adviceOnName, recordOf, refuse, required, shape, type Rule } from '@track-orchestrator/registry/options'

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
    const { currency, per } = shape({ currency: required(costUnit), per: required(recordOf(costAmount)) }).check(value, name) as Prices
    for (const key of Object.keys(per)) if (!isUnit(unitOf(key))) throw new DefinitionError(`${name}.per: ${JSON.stringify(key)} is no unit, and no task/unit. A unit is 1-60 letters, digits and _ . -, a letter first.`)
    if (Object.hasOwn(per, currency)) refuse(`${name}.per.${currency}`, 'left out: it is the currency itself', per[currency])
    return { currency, per }
  },
}

const isUnit = (unit: string): boolean => {
  try {
    costUnit.check(unit, '')
    return true
  } catch {
    return false
  }
}
const unitOf = (key: string): string => key.slice(key.indexOf('/') + 1)

/** Throws `DefinitionError` for a price of a task that is not there: it would never count. */
export function checkPricedTasks(owner: string, registry: Registry, { per = {} }: Partial<Prices> = {}): void {
  for (const key of Object.keys(per)) {
    const task = key.slice(0, Math.max(0, key.indexOf('/')))
    if (task !== '' && !Object.hasOwn(registry, task)) throw new DefinitionError(`${owner}: prices.per[${JSON.stringify(key)}]: the registry has no such task. ${adviceOnName(task, Object.keys(registry))}`)
  }
}

/** A cost, and beside it what that is in the currency, where its unit has a price. */
export function priced(taskName: string, { amount, unit }: Cost, prices: Prices | undefined): Costs {
  const { per, currency } = prices ?? { per: {}, currency: '' }
  const own = `${taskName}/${unit}`
  const price = Object.hasOwn(per, own) ? per[own] : Object.hasOwn(per, unit) ? per[unit] : undefined
  return price === undefined ? { [unit]: amount } : addCosts({ [unit]: amount }, { [currency]: Number((amount * price).toPrecision(15)) })
}

/** The sum of several costs of one task. Throws `DefinitionError` for what is no cost. */
export function pricedSum(taskName: string, given: unknown, prices: Prices | undefined): Costs {
  const costs: readonly unknown[] = Array.isArray(given) ? given : [given]
  return addCosts(...costs.map((cost) => priced(taskName, checkCost('A cost', cost as Cost), prices)))
}
