import { DefinitionError } from '../errors/definition-error.ts'
import { longestTimerMs } from '../waiting/wait.ts'
import { checkFields, isObject, nameText, refuse, type Rule } from './check-options.ts'
import { adviceOnName } from './nearest-name.ts'

interface Range {
  /** The least, included. Default: none. */
  readonly from?: number
  /** The most, included. Default: none. */
  readonly to?: number
}

/** A whole number: `wholeNumber({ from: 1 })`. */
export function wholeNumber(range: Range = {}): Rule {
  return leaf(`a whole number${rangeText(range)}`, (value) => Number.isSafeInteger(value) && isWithin(value as number, range))
}

/** A number that is neither NaN nor infinite: `number({ from: 0, to: 1 })`. */
export function number(range: Range = {}): Rule {
  return leaf(`a number${rangeText(range)}`, (value) => Number.isFinite(value) && isWithin(value as number, range))
}

/** Milliseconds that a timer can wait: up to 2,147,483,647. `from`: the least, by default 0. */
export function durationMs({ from = 0, to = longestTimerMs }: Range = {}): Rule {
  const range = { from, to }
  const tooLong = (value: unknown) => (to === longestTimerMs && typeof value === 'number' && value > to ? 'Timers of more than 2,147,483,647 ms (24.8 days) do not exist.' : '')
  return leaf(`a number of milliseconds${rangeText(range)}`, (value) => Number.isFinite(value) && isWithin(value as number, range), (value) => ({ advice: tooLong(value) }))
}

/** One of these values, as they are written: `oneOf('halt', 'continue')`. */
export function oneOf(...allowed: readonly (string | number | boolean)[]): Rule {
  const texts = allowed.map((value) => JSON.stringify(value))
  const expects = texts.length > 1 ? `${texts.slice(0, -1).join(', ')} or ${texts.at(-1)}` : String(texts[0])
  return leaf(expects, (value) => allowed.includes(value as string), (value) => {
    const advice = typeof value === 'string' ? adviceOnName(value, allowed.map(String)) : ''
    return { advice: advice.startsWith('Did') ? advice : '' }
  })
}

interface TextRule {
  /** Default 1: a text that is empty is seldom meant. */
  readonly minLength?: number
  /** Default: none. */
  readonly maxLength?: number
  readonly pattern?: RegExp
  /** What a right text is, in words. Needed with `pattern`. */
  readonly what?: string
  /** A key or password: messages show its length only. */
  readonly secret?: boolean
}

/** A text. */
export function text({ minLength = 1, maxLength = Number.POSITIVE_INFINITY, pattern, what = 'a text', secret = false }: TextRule = {}): Rule {
  const upTo = maxLength === Number.POSITIVE_INFINITY ? '' : ` of ${minLength} to ${maxLength} characters`
  return leaf(`${what}${upTo}`, (value) => typeof value === 'string' && value.length >= minLength && value.length <= maxLength && (!pattern || pattern.test(value)), () => ({ secret }))
}

/** True or false. */
export const flag: Rule = leaf('true or false', (value) => typeof value === 'boolean')

/** A function. What it answers is seen only when it is called. */
export const aFunction: Rule = leaf('a function', (value) => typeof value === 'function')

/** An `AbortSignal`, also that of another realm. */
export const signal: Rule = leaf('an AbortSignal', (value) => isObject(value) && typeof value.aborted === 'boolean' && typeof value.addEventListener === 'function')

/** Any value at all: what checks it stands elsewhere, or it is the caller's own. */
export const anything: Rule = leaf('any value', () => true)

/** An object that has these methods, of whatever class: `objectWith('put', 'get')`. */
export function objectWith(...methods: readonly string[]): Rule {
  return leaf(methods.length > 0 ? `an object with ${methods.map((name) => `${name}()`).join(', ')}` : 'an object', hasMethods(methods))
}

/** An object with these methods that somebody's function makes, which a mistake names: `madeBy('createJournal({ folder })', 'begin', 'reopen')`. */
export function madeBy(call: string, ...methods: readonly string[]): Rule {
  return leaf(`${objectWith(...methods).expects}, as ${call} gives`, hasMethods(methods))
}

/** A list whose every item fits the rule. Lists are copied. */
export function listOf(rule: Rule): Rule {
  return {
    expects: 'a list',
    looksInto: 'list',
    check(value, name) {
      if (!Array.isArray(value)) return refuse(name, 'a list', value)
      return Array.from(value, (item: unknown, index) => rule.check(item, `${name}[${index}]`))
    },
  }
}

/** An object of any keys whose every value fits the rule; keys that are `undefined` are left out. Copied. */
export function recordOf(rule: Rule): Rule {
  return {
    expects: 'an object',
    looksInto: 'object',
    check(value, name) {
      if (!isObject(value)) return refuse(name, 'an object', value)
      const entries = Object.entries(value).filter(([, inner]) => inner !== undefined)
      return Object.fromEntries(entries.map(([key, inner]) => [key, rule.check(inner, `${name}.${nameText(key)}`)]))
    },
  }
}

/** An object of these fields, and no others; keys that are `undefined` are left out. Copied. */
export function shape(rules: Readonly<Record<string, Rule>>): Rule {
  return { expects: 'an object of options', looksInto: 'object', check: (value, name) => checkFields(value, rules, name, '.') }
}

/** The option cannot be left out. */
export function required(rule: Rule): Rule {
  return { ...rule, required: true, check: (value, name) => rule.check(value, name) }
}

/** What fits one of the rules. A mistake inside an object or list is told by the rule that looks into such. */
export function either(...rules: readonly Rule[]): Rule {
  const expects = rules.map((rule) => rule.expects).join(', or ')
  return {
    expects,
    check(value, name) {
      const kind = Array.isArray(value) ? 'list' : isObject(value) ? 'object' : undefined
      const looking = kind && rules.find((rule) => rule.looksInto === kind)
      if (looking) return looking.check(value, name)
      const fitting = rules.find((rule) => rule.fits?.(value))
      if (fitting) return fitting.check(value, name)
      for (const rule of rules) {
        if (rule.fits) continue
        try {
          return rule.check(value, name)
        } catch (thrown) {
          if (!(thrown instanceof DefinitionError)) throw thrown
        }
      }
      return refuse(name, expects, value)
    },
  }
}

const retryFields = shape({ maxAttempts: wholeNumber({ from: 1 }), minDelayMs: durationMs(), factor: number({ from: 1 }), maxDelayMs: durationMs() })

/** A `RetryPolicy`. */
export const retryPolicy: Rule = {
  ...retryFields,
  expects: 'a retry policy, as { maxAttempts: 3 }',
  check(value, name) {
    if (!isObject(value)) return refuse(name, this.expects, value)
    const policy = retryFields.check(value, name) as { minDelayMs?: number; maxDelayMs?: number }
    const { minDelayMs, maxDelayMs } = policy
    if (minDelayMs !== undefined && maxDelayMs !== undefined && minDelayMs > maxDelayMs) {
      throw new DefinitionError(`${name}.minDelayMs (${minDelayMs}) is more than its maxDelayMs (${maxDelayMs}).`)
    }
    return policy
  },
}

const hasMethods = (methods: readonly string[]) => (value: unknown) => isObject(value) && methods.every((name) => typeof value[name] === 'function')

function leaf(expects: string, fits: (value: unknown) => boolean, told?: (value: unknown) => Parameters<typeof refuse>[3]): Rule {
  return { expects, fits, check: (value, name) => (fits(value) ? value : refuse(name, expects, value, told?.(value))) }
}

function isWithin(value: number, { from = Number.NEGATIVE_INFINITY, to = Number.POSITIVE_INFINITY }: Range): boolean {
  return value >= from && value <= to
}

function rangeText({ from, to }: Range): string {
  if (from !== undefined && to !== undefined) return ` from ${numberText(from)} to ${numberText(to)}`
  if (from !== undefined) return ` from ${numberText(from)} up`
  return to === undefined ? '' : ` of at most ${numberText(to)}`
}

/** With commas between thousands. By hand: `toLocaleString` reads a table of languages first, ten milliseconds of each process that loads these rules. */
function numberText(value: number): string {
  const [whole = '', ...rest] = String(value).split('.')
  return [whole.replaceAll(/\B(?=(\d{3})+$)/g, ','), ...rest].join('.')
}
