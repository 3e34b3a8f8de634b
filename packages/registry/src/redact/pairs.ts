import { blot } from './blot.ts'
import { granting } from './granting-name.ts'
import { endOfLine, endOfQuotes } from './value-ends.ts'

const tag = /<([A-Za-z][\w:.-]{0,60})>([^<]*)/g

/** Contents of telling tags: `<password>hunter2</password>`. */
export function redactTags(text: string): string {
  return text.includes('<') ? text.replace(tag, (found, name: string, value: string) => (value.trim() !== '' && granting(name) === 'sure' ? `<${name}>${blot}` : found)) : text
}

const attributes = /\b(?:key|name|id)\s{0,4}=\s{0,4}(["'])([\w:.-]{2,80})\1\s{1,16}value\s{0,4}=\s{0,4}(?=["'])/gi
const formPart = /\bname="([\w.[\]-]{2,80})"[^\r\n]{0,200}\r?\n(?:[\w-]{1,40}:[^\r\n]{0,200}\r?\n){0,4}\r?\n/g
const encodedPair = /(?:%26|%3F)?([a-z][\w.-]{1,80})%3D((?:(?!%26)[^\s&"'<>])+)/gi

/** Names and values that stand beside each other: `<add key="password" value="…"/>`, the parts of a multipart form, a form that was encoded once more. */
export function redactForms(text: string): string {
  const encoded = text.includes('%3') ? text.replace(encodedPair, (found, name: string, value: string) => (granting(name) === 'sure' ? found.slice(0, -value.length) + blot : found)) : text
  const inTags = redactAfter(encoded, attributes, 2, (given, at) => [at + 1, endOfQuotes(given, at + 1, given[at]!)])
  return redactAfter(inTags, formPart, 1, (given, at) => [at, endOfLine(given, at, '\u0000')])
}

/** Blots out what follows on a pattern that holds a granting name. `valueAt`: where it begins and ends. */
function redactAfter(text: string, pattern: RegExp, nameGroup: number, valueAt: (text: string, at: number) => readonly [start: number, end: number]): string {
  let result = ''
  let copied = 0
  pattern.lastIndex = 0
  for (let found = pattern.exec(text); found; found = pattern.exec(text)) {
    if (granting(found[nameGroup]!) !== 'sure') continue
    const [start, end] = valueAt(text, pattern.lastIndex)
    if (end <= start || text.startsWith(blot, start)) continue
    result += text.slice(copied, start) + blot
    pattern.lastIndex = copied = end
  }
  return copied === 0 ? text : result + text.slice(copied)
}

const pair = /(\\{0,7}["'])([\w-]{2,80})\1[ \t]{0,4},\s{0,16}(\1value\1[ \t]{0,4}:[ \t]{0,4})?(?=\1)/g

/** Headers as pairs in JSON: `["x-api-key", "…"]`, `{"name": "x-api-key", "value": "…"}`. */
export function redactPairs(text: string): string {
  let result = ''
  let copied = 0
  pair.lastIndex = 0
  for (let found = pair.exec(text); found; found = pair.exec(text)) {
    const [, quote = '', name = '', key] = found
    const start = pair.lastIndex + quote.length
    if (granting(name) !== 'sure' || text.startsWith(blot, start)) continue
    const end = endOfQuotes(text, start, quote)
    const value = text.slice(start, Math.min(end, start + 200))
    // Without `value` it may be any list of words, and of names.
    const isHeader = key !== undefined || (/^(?:authorization|cookie)$/i.test(name) || (name.includes('-') && !/\s/.test(value) && granting(value) === 'no'))
    if (!isHeader || end <= start) continue
    result += text.slice(copied, start) + blot
    pair.lastIndex = copied = end
  }
  return copied === 0 ? text : result + text.slice(copied)
}
