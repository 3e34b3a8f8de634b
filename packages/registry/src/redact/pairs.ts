import { blot } from './blot.ts'
import { granting } from './granting-name.ts'
import { endOfQuotes } from './value-ends.ts'

const tag = /<([A-Za-z][\w:.-]{0,60})>([^<]*)/g

/** Contents of telling tags: `<password>hunter2</password>`. */
export function redactTags(text: string): string {
  return text.includes('<') ? text.replace(tag, (found, name: string, value: string) => (value.trim() !== '' && granting(name) === 'sure' ? `<${name}>${blot}` : found)) : text
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
