import { createHash } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { stat } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import type { BaseFields } from '@track-orchestrator/registry'

/** What identifies the content of a file that a URL names: its hash, say. `undefined` where that is not known, or nothing lies there. */
export type ContentOf = (url: string, whose: Pick<BaseFields, 'tenantId' | 'projectId'>) => Promise<string | undefined>

/** A value whose references to files are known by what lies there. */
export interface ReferredMedia {
  /** The value, with `null` in place of each reference. */
  readonly rest: unknown
  /** The keys that lead to each reference, its URL, and its content. */
  readonly media: readonly { readonly at: readonly (string | number)[]; readonly url: string; readonly content: string }[]
}

const aUrl = /^[a-z][a-z\d+.-]*:\/\/\S+$/i

/** Looks up every URL in a value. `undefined` where the content of one is not known: then nothing can be said of the value. */
export async function lookUpMedia(value: unknown, contentOf: ContentOf, whose: Pick<BaseFields, 'tenantId' | 'projectId'>): Promise<ReferredMedia | undefined> {
  const urls: { at: readonly (string | number)[]; url: string }[] = []
  const rest = withoutUrls(value, [], urls)
  const contents = new Map<string, string>()
  for (const { url } of urls) {
    if (contents.has(url)) continue
    const content = await contentOf(url, whose)
    if (content === undefined) return undefined
    contents.set(url, content)
  }
  return { rest, media: urls.map((found) => ({ ...found, content: contents.get(found.url)! })) }
}

function withoutUrls(value: unknown, at: readonly (string | number)[], found: { at: readonly (string | number)[]; url: string }[]): unknown {
  if (typeof value === 'string' && aUrl.test(value)) {
    found.push({ at, url: value })
    return null
  }
  if (Array.isArray(value)) return value.map((item, index) => withoutUrls(item, [...at, index], found))
  if (typeof value !== 'object' || value === null) return value
  // Entries, not an assignment: a key of a stranger may be `__proto__`.
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, withoutUrls(item, [...at, key], found)]))
}

/** SHA-256 of a plain file at a `file:` URL; `undefined` for any other URL, and where no plain file lies there. */
export async function contentOfFile(url: string): Promise<string | undefined> {
  if (!/^file:/i.test(url)) return undefined
  try {
    const path = fileURLToPath(url)
    if (!(await stat(path)).isFile()) return undefined // a device or a pipe may have no end
    const hash = createHash('sha256')
    for await (const chunk of createReadStream(path, { highWaterMark: 1024 * 1024 })) hash.update(chunk as Buffer)
    return `sha256:${hash.digest('hex')}`
  } catch {
    return undefined
  }
}
