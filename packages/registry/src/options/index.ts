export { checkOptions, refuse } from './check-options.ts'
export type { Checked, Rule, RulesOf } from './check-options.ts'
export { adviceOnName } from './nearest-name.ts'
export { aFunction, anything, durationMs, either, flag, listOf, madeBy, number, objectWith, oneOf, recordOf, required, retryPolicy, shape, signal, text, wholeNumber } from './rules.ts'
