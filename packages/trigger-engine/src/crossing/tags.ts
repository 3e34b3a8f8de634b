import { createHash } from 'node:crypto'

/** Trigger.dev takes no longer one (https://trigger.dev/docs/tags). */
const longestTag = 128
const hashDigits = 32

/** The tag `tenant:acme`. One that would be too long ends with a hash of the id: cut, it would be that of others as well. */
export function tagOf(kind: 'tenant' | 'project' | 'track', id: string): string {
  const tag = `${kind}:${id}`
  if (tag.length <= longestTag) return tag
  const hash = createHash('sha256').update(id).digest('hex').slice(0, hashDigits)
  const beginning = tag.slice(0, longestTag - hashDigits - 1).replace(/[\uD800-\uDBFF]$/, '') // half a character is none
  return `${beginning}~${hash}`
}
