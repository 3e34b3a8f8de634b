import { DefinitionError } from '@track-orchestrator/registry'

/** Longest key, in characters (Amazon S3 and Cloudflare R2: 1,024 bytes). */
const longestKey = 1_024

/**
 * Tells of a key that begins with the prefix whether the value names it, anywhere in it: as a URL, signed, public or of the storage, as
 * the key alone, or within a longer text. Reads texts, URLs, lists, sets, maps and plain objects. Throws `DefinitionError` for
 * anything else, which could name a file unseen.
 */
export function keyNames(value: unknown, prefix: string): (key: string) => boolean {
  const tails: string[] = []
  for (const text of textsIn(value)) {
    for (const spelling of spellings(text)) {
      for (let at = spelling.indexOf(prefix); at >= 0; at = spelling.indexOf(prefix, at + 1)) tails.push(spelling.slice(at, at + longestKey))
    }
  }
  tails.sort()
  return (key) => {
    let [from, to] = [0, tails.length]
    while (from < to) {
      const middle = (from + to) >> 1
      if (tails[middle]! < key) from = middle + 1
      else to = middle
    }
    return tails[from]?.startsWith(key) === true
  }
}

function* textsIn(value: unknown): Generator<string> {
  const seen = new Set<unknown>()
  const left = [value]
  while (left.length > 0) {
    const inner = left.pop()
    if (typeof inner === 'string') yield inner
    else if (typeof inner === 'function' || typeof inner === 'symbol') throw unreadable(typeof inner)
    else if (typeof inner === 'object' && inner !== null && !seen.has(inner)) {
      seen.add(inner)
      for (const part of partsOf(inner)) left.push(part)
    }
  }
}

function partsOf(value: object): Iterable<unknown> {
  if (Array.isArray(value) || value instanceof Set) return value
  if (value instanceof URL) return [value.href]
  if (value instanceof Map) return [...value].flat()
  if (value instanceof Date) return []
  const prototype: unknown = Object.getPrototypeOf(value)
  if (prototype === null || Object.getPrototypeOf(prototype) === null) return Object.entries(value).flat()
  throw unreadable(value.constructor?.name || 'object')
}

function unreadable(what: string): DefinitionError {
  return new DefinitionError(`cleanUpRun: output and keep must be texts, URLs, or lists, sets, maps and plain objects of such, not a ${what}: what it names would be deleted. Nothing was.`)
}

/** The text, and what it says where it is encoded as in URLs, also twice, or with slashes as some write them in JSON. */
function spellings(text: string): Set<string> {
  const once = decoded(text)
  return new Set([text, once, decoded(once)].flatMap((spelling) => [spelling, spelling.replaceAll('\\/', '/')]))
}

/** A sign that stands for itself (`100% done`) keeps nothing else from being read. */
const decoded = (text: string): string => text.replace(/(?:%[\da-f]{2})+/gi, (signs) => Buffer.from(signs.replaceAll('%', ''), 'hex').toString('utf8'))
