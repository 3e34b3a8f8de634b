import { blot } from './blot.ts'
import { granting, looksSecret, type Granting } from './granting-name.ts'
import { endOfBrackets, endOfLine, endOfQuotes, endOfToken } from './value-ends.ts'

const separators = /[=:]/g
const opening = /\\{0,7}["'`]/y
const spaces = /[ \t]{0,16}/y
const spacesAndLines = /\s{0,64}/y
/** Words that begin a sentence about a value, or code that is none: `token: Invalid input`, `password = await ask()`. */
const noValue =
  /^(?:a|an|the|is|are|was|were|has|had|have|must|should|shall|can|cannot|can't|could|may|not|no|none|null|nil|undefined|true|false|empty|invalid|expected|required|missing|too|unknown|unrecognized|see|for|of|in|on|to|and|or|as|at|by|from|with|without|if|it|this|that|await|new|function|async|string|number|boolean|object|optional|redacted|\[redacted\])[.,;:!?)}\]]{0,3}$/i
/** A call, a variable or a placeholder. */
const reference = /^(?:[A-Za-z_$][\w$.]{0,80}\(|process\.env|import\.meta|os\.environ|\$\{|\$[A-Z_]|\$\(|<[\w -]{1,40}>|%[A-Z_]{2,40}%)/
const manyParts = /^(?:digest|aws4|goog4|[\w-]{0,20}hmac|signature|hawk)/i
const schemeWord = /[A-Za-z][\w-]{2,30}[ \t]{1,8}/y

/** Values that are assigned to telling names, in whatever style: `NAME=value`, `"name": "value"`, `name: value`, `Name: header`. */
export function redactAssignments(text: string): string {
  let result = ''
  let copied = 0
  separators.lastIndex = 0
  for (let found = separators.exec(text); found; found = separators.exec(text)) {
    const name = nameBefore(text, found.index, copied)
    if (!name) continue
    const judged = granting(name.text)
    if (judged === 'no') continue
    const value = valueAfter(text, found.index, name, judged)
    if (!value || value.end <= value.start) continue
    result += text.slice(copied, value.start) + blot
    copied = value.end
    separators.lastIndex = value.end
  }
  return copied === 0 ? text : result + text.slice(copied)
}

const longestName = 80

interface Name {
  readonly text: string
  readonly start: number
  readonly isQuoted: boolean
}

/** The name that ends before a separator: within quotes and brackets, and with a space after it, as styles have it. */
function nameBefore(text: string, separator: number, from: number): Name | undefined {
  let end = separator
  while (end > from && separator - end < 4 && (text[end - 1] === ' ' || text[end - 1] === '?')) end--
  const isQuoted = end > from && /["'`\]]/.test(text[end - 1]!)
  for (let closers = 0; end > from && closers < 8 && /["'`\]\\]/.test(text[end - 1]!); closers++) end--
  let start = end
  while (start > from && end - start < longestName && /[\w$.-]/.test(text[start - 1]!)) start--
  return start === end ? undefined : { text: text.slice(start, end), start, isQuoted }
}

function valueAfter(text: string, separator: number, name: Name, judged: Granting): { start: number; end: number } | undefined {
  const arrow = text[separator + 1] === '>' || (text[separator] === ':' && text[separator + 1] === '=') ? 1 : 0
  const space = matchAt(name.isQuoted ? spacesAndLines : spaces, text, separator + 1 + arrow)
  const start = separator + 1 + arrow + space.length
  const quote = matchAt(opening, text, start)
  const isHeader = /authorization$/i.test(name.text)
  const isCookie = /cookies?$/i.test(name.text)
  if (quote !== '') {
    const inner = start + quote.length
    if (isBlot(text, inner) || (judged === 'perhaps' && !looksSecret(beginningOf(text, inner)))) return undefined
    return { start: inner, end: endOfQuotes(text, inner, quote) }
  }
  if (isBlot(text, start)) return undefined
  if (text[start] === '{' || text[start] === '[') return judged === 'sure' && name.isQuoted ? { start, end: endOfBrackets(text, start) } : undefined
  if (isCookie) return space === '' && text[separator] === ':' ? undefined : { start, end: endOfLine(text, start, '"') }
  if (isHeader) return { start, end: endOfHeader(text, start) }
  return plainValue(text, separator, name, judged, start, space)
}

/** A value without quotes: a word, or the line, or up to the next `;` of a connection string. */
function plainValue(text: string, separator: number, name: Name, judged: Granting, start: number, space: string): { start: number; end: number } | undefined {
  const token = beginningOf(text, start)
  if (noValue.test(token) || reference.test(token) || token.startsWith('//') || token.startsWith('=')) return undefined
  const isSecret = looksSecret(token)
  const toEnd = () => ({ start, end: endOfToken(text, start) })
  if (judged === 'perhaps') return isSecret && token.length >= 8 ? toEnd() : undefined
  if (text[separator] === '=') {
    if (/^(?:OLD)?PWD$/.test(name.text) && token.startsWith('/')) return undefined
    return text[name.start - 1] === ';' ? { start, end: endOfLine(text, start, ';') } : toEnd()
  }
  if (isSecret) return toEnd()
  // YAML: the value is all there is on its line.
  return space !== '' && /(?:^|[\n{,])[ \t-]{0,40}["']?$/.test(text.slice(Math.max(0, name.start - 42), name.start)) ? { start, end: endOfLine(text, start, ',') } : undefined
}

/** The end of an `Authorization`: a scheme and one word, or, where the scheme has many parts, the line. */
function endOfHeader(text: string, start: number): number {
  const scheme = matchAt(schemeWord, text, start)
  if (manyParts.test(text.slice(start, start + 40))) return endOfLine(text, start, '\u0000')
  return endOfToken(text, start + scheme.length, ',;')
}

const flag = /(^|\s)(--?[a-z][\w-]{1,60})[ \t]{1,4}(?!-)([^\s"']+)/gi
const quotedFlag = /(^|\s)(--?[a-z][\w-]{1,60})[ \t]{1,4}(?=["'])/gi
const login = /((?:^|\s)(?:-u|--user|--proxy-user)[ =])([^\s:]{1,100}):\S+/g

/** Values of flags on a command line: `--password hunter2`, `-u joe:hunter2`. */
export function redactFlags(text: string): string {
  if (!text.includes('-')) return text
  const plain = text
    .replace(login, `$1$2:${blot}`)
    .replace(flag, (found, before: string, name: string, value: string) => (granting(name) === 'sure' && value !== blot ? found.slice(0, found.length - value.length) + blot : found))
  let result = ''
  let copied = 0
  quotedFlag.lastIndex = 0
  for (let found = quotedFlag.exec(plain); found; found = quotedFlag.exec(plain)) {
    const inner = quotedFlag.lastIndex + 1
    if (granting(found[2]!) !== 'sure' || isBlot(plain, inner)) continue
    result += plain.slice(copied, inner) + blot
    copied = endOfQuotes(plain, inner, plain[inner - 1]!)
    quotedFlag.lastIndex = copied
  }
  return copied === 0 ? plain : result + plain.slice(copied)
}

const tag = /<([A-Za-z][\w:.-]{0,60})>([^<]*)/g

/** Contents of telling tags: `<password>hunter2</password>`. */
export function redactTags(text: string): string {
  return text.includes('<') ? text.replace(tag, (found, name: string, value: string) => (value.trim() !== '' && granting(name) === 'sure' ? `<${name}>${blot}` : found)) : text
}

/** As much of a word as is needed to judge it: looking for the end of each would take as long as the text, each time. */
function beginningOf(text: string, start: number): string {
  return text.slice(start, endOfToken(text, start, '', 200))
}

function matchAt(pattern: RegExp, text: string, at: number): string {
  pattern.lastIndex = at
  return pattern.exec(text)?.[0] ?? ''
}

function isBlot(text: string, at: number): boolean {
  return text.startsWith(blot, at)
}
