import { DefinitionError } from './errors/definition-error.ts'
import { checkOptions, number, recordOf, required, text, type Rule } from './options/index.ts'

/** What something has cost, or would cost: so much of a unit. */
export interface Cost {
  /** From 0 to 9,007,199,254,740,991. */
  readonly amount: number
  /** What is counted: `characters`, `audio_seconds`, `input_tokens`, or a currency such as `USD`. 1-60 letters, digits and _ . -, a letter first. */
  readonly unit: string
}

/** Amounts by their units: `{ characters: 1200, USD: 0.36 }`. */
export type Costs = Readonly<Record<string, number>>

/** Not what every object has: Trigger.dev takes no such keys. */
const unitPattern = /^(?!(?:constructor|prototype)$)[A-Za-z][\w.-]{0,59}$/
/** What is counted. */
export const costUnit: Rule = text({ pattern: unitPattern, what: 'a unit of 1-60 letters, digits and _ . -, a letter first' })
/** So much of a unit, or its price: no sum or product of these is more than a number can hold. */
export const costAmount: Rule = number({ from: 0, to: Number.MAX_SAFE_INTEGER })
const costRules = { amount: required(costAmount), unit: required(costUnit) }

/** The cost that `owner` was told. Throws `DefinitionError` where it is none. */
export function checkCost(owner: string, cost: Cost): Cost {
  return checkOptions<Cost>(owner, cost, costRules)
}

/** Amounts by unit, as an option. */
export const amountsByUnit: Rule = {
  expects: 'amounts by unit',
  looksInto: 'object',
  check(value, name) {
    const checked = recordOf(number({ from: 0 })).check(value, name) as Costs
    for (const key of Object.keys(checked)) if (!unitPattern.test(key)) throw new DefinitionError(`${name}: ${JSON.stringify(key.slice(0, 80))} is not ${costUnit.expects}.`)
    return checked
  },
}

/** The sum of amounts, to 15 digits: 0.1 and 0.2 are 0.3. */
export function addAmounts(a: number, b: number): number {
  return Number((a + b).toPrecision(15))
}

/** The sums by unit. */
export function addCosts(...all: readonly (Costs | undefined)[]): Costs {
  const sums = new Map<string, number>()
  for (const costs of all) for (const [name, amount] of Object.entries(costs ?? {})) sums.set(name, addAmounts(sums.get(name) ?? 0, amount))
  return Object.fromEntries(sums)
}

/** In words: `1,200 characters, 0.36 USD`. */
export function costsText(costs: Costs): string {
  return Object.entries(costs).map(([name, amount]) => `${amount.toLocaleString('en-US', { maximumFractionDigits: 6 })} ${name.replaceAll('_', ' ')}`).join(', ')
}
