import { DefinitionError } from '../errors/definition-error.ts'
import { adviceOnName } from './nearest-name.ts'

/** What one option may be. The ready ones stand in `rules.ts`; write your own where none fits. */
export interface Rule {
  /** A right value in words, to follow "must be": `a whole number from 1 up`. */
  readonly expects: string
  /** The option cannot be left out: see `required`. */
  readonly required?: boolean
  /** The kind of value that the rule looks into, so that a mistake inside is told by this rule and no other: see `either`. */
  readonly looksInto?: 'object' | 'list'
  /** Whether `check` takes the value, without an error to make: of a rule among several, see `either`. */
  readonly fits?: (value: unknown) => boolean
  /** The value, inner objects without keys that are `undefined`. Throws `DefinitionError`; `name` says whose value it is: `createRunner: retry`. */
  check(value: unknown, name: string): unknown
}

/** A rule for every option. */
export type RulesOf<Options> = { readonly [Name in keyof Options]-?: Rule }

/** Options as they were given, less the `undefined` ones. */
export type Checked<Options> = { [Name in keyof Options]: Exclude<Options[Name], undefined> }

/**
 * Checks the options that a person gave, when they are given. Returns a copy without the keys that are `undefined`: that means the default.
 * Throws `DefinitionError` naming owner, option, value and range (`createRunner: concurrency must be a whole number from 1 up, not 0.`);
 * an unknown option is refused with the nearest name.
 */
export function checkOptions<Options extends object>(owner: string, options: Options | undefined, rules: RulesOf<NoInfer<Options>>): Checked<Options> {
  return checkFields(options === undefined ? {} : options, rules, owner, ': ') as Checked<Options>
}

/** Checks an object by the rules for its fields. `name` and `separator` begin the name of a field: `createRunner: retry` and `.`. */
export function checkFields(values: unknown, rules: Readonly<Record<string, Rule>>, name: string, separator: string): Record<string, unknown> {
  if (!isObject(values)) refuse(name, 'an object of options', values)
  for (const key of Object.keys(values)) {
    if (Object.hasOwn(rules, key) || values[key] === undefined) continue
    throw new DefinitionError(`${name}${separator}${nameText(key)} is no option. ${adviceOnName(key, Object.keys(rules))}`)
  }
  const checked: [string, unknown][] = []
  for (const [key, rule] of Object.entries(rules)) {
    const value = values[key]
    const full = `${name}${separator}${key}`
    if (value !== undefined) checked.push([key, rule.check(value, full)])
    else if (rule.required) throw new DefinitionError(`${full} is required: give ${rule.expects}.`)
  }
  return Object.fromEntries(checked)
}

/** Throws the `DefinitionError` of a wrong option. `secret`: the value itself is not shown. */
export function refuse(name: string, expects: string, value: unknown, { secret = false, advice = '' }: { secret?: boolean; advice?: string } = {}): never {
  throw new DefinitionError(`${name} must be ${expects}, not ${secret ? kindOf(value) : valueText(value)}.${advice && ` ${advice}`}`)
}

/** Whether it is an object with keys: no list, no `null`. */
export function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

const longestShown = 60

/** A value as a message shows it: numbers and short texts as they are, the rest by its kind. */
function valueText(value: unknown): string {
  if (typeof value === 'string') return JSON.stringify(value.length > longestShown ? `${value.slice(0, longestShown)}…` : value)
  if (typeof value === 'number' || typeof value === 'boolean') return String(value)
  return kindOf(value)
}

function kindOf(value: unknown): string {
  if (value === null || value === undefined) return String(value)
  if (Array.isArray(value)) return 'a list'
  if (typeof value === 'string') return `a text of ${value.length} characters`
  return typeof value === 'object' ? 'an object' : `a ${typeof value}`
}

/** A key as a message shows it: quoted where it is no plain name. */
export function nameText(key: string): string {
  return /^[\w$-]{1,60}$/.test(key) ? key : valueText(key)
}
