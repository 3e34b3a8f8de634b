import { blot } from './blot.ts'
import { granting, looksSecret, type Granting } from './granting-name.ts'
import { endOfBrackets, endOfCredential, endOfLine, endOfMarks, endOfQuotes, endOfToken, isNoValue, isReference } from './value-ends.ts'

const separators = /[=:]/g
const opening = /\\{0,7}["'`]/y
/** Of the word before `key`. */
const longestWord = 20
const spaces = /[ \t]{0,16}/y
const spacesAndLines = /\s{0,64}/y
/** Schemes whose parts have names, as `OAuth oauth_token="…", oauth_signature="…"`. */
const manyParts = /[\w-]{1,40}[ \t]{1,8}[\w-]{1,40}[ \t]{0,2}=[ \t]{0,2}["\w]/y
const schemeWord = /[A-Za-z][\w-]{0,30}[ \t]{1,8}(?=[^\s"'`<>])/y

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
  while (start > from && /[\w$.-]/.test(text[start - 1]!)) start--
  if (start === end) return undefined
  // A key is told by the word before it: `api key = "…"`.
  if (/^keys?$/i.test(text.slice(start, end)) && text[start - 1] === ' ') {
    let word = start - 1
    while (word > from && start - word < longestWord && /\w/.test(text[word - 1]!)) word--
    if (word < start - 1) start = word
  }
  return { text: text.slice(start, end), start, isQuoted }
}

function valueAfter(text: string, separator: number, name: Name, judged: Granting): { start: number; end: number } | undefined {
  const arrow = text[separator + 1] === '>' || (text[separator] === ':' && text[separator + 1] === '=') ? 1 : 0
  const space = matchAt(name.isQuoted ? spacesAndLines : spaces, text, separator + 1 + arrow)
  const start = separator + 1 + arrow + space.length
  const quote = matchAt(opening, text, start)
  const isHeader = /(?:authorization|bearer)$/i.test(name.text)
  const isCookie = /cookies?$/i.test(name.text)
  if (quote !== '') {
    // TOML and Python: a text of many lines.
    const marks = quote.length === 1 && text.startsWith(quote.repeat(3), start) ? quote.repeat(3) : quote
    const inner = start + marks.length
    if (isBlot(text, inner) || (judged === 'perhaps' && !looksSecret(beginningOf(text, inner)))) return undefined
    return { start: inner, end: marks === quote ? endOfQuotes(text, inner, quote) : endOfMarks(text, inner, marks) }
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
  if (isNoValue(token) || isReference(token) || token.startsWith('//') || token.startsWith('=')) return undefined
  const isSecret = looksSecret(token)
  const toEnd = () => ({ start, end: endOfToken(text, start) })
  if (judged === 'perhaps') return isSecret && token.length >= 8 ? toEnd() : undefined
  if (text[separator] === '=') {
    if (/^(?:OLD)?PWD$/.test(name.text) && token.startsWith('/')) return undefined
    return text[name.start - 1] === ';' ? { start, end: endOfLine(text, start, ';') } : toEnd()
  }
  if (isSecret) return toEnd()
  if (isHeaderOf(text, name)) return { start, end: endOfCredential(text, start) }
  // YAML: the value is all there is on its line.
  return space !== '' && /(?:^|[\n{,])[ \t-]{0,40}["']?$/.test(text.slice(Math.max(0, name.start - 42), name.start)) ? { start, end: endOfLine(text, start, ',') } : undefined
}

/** Names of headers hold hyphens, as names in sentences seldom do; or they stand after the flag of a command line. */
function isHeaderOf(text: string, name: Name): boolean {
  return (!name.isQuoted && /\w-(?:key|token|secret)$/i.test(name.text)) || /(?:-H|--header)[ =]?["']?$/.test(text.slice(Math.max(0, name.start - 12), name.start))
}

/** The end of an `Authorization`: a scheme and one word, or, where the scheme has many parts, the line. */
function endOfHeader(text: string, start: number): number {
  const scheme = matchAt(schemeWord, text, start)
  if (matchAt(manyParts, text, start) !== '') return endOfLine(text, start, '\u0000')
  return endOfCredential(text, start + scheme.length)
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
