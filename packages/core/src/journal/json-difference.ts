import { redactValue } from '@track-orchestrator/registry'

/** Where two JSON values differ: a path such as `segments[3].text` (empty for the values themselves), and both sides as short text. */
export interface JsonDifference {
  readonly path: string
  /** Absent where there is nothing at that place. Secrets are blotted out. */
  readonly before?: string
  readonly after?: string
}

/** Characters of a value that are shown. */
const shownLength = 60
const nothing = Symbol('nothing')

/** The places where two JSON values differ, as deep as they can be told, `limit` at most. */
export function jsonDifferences(before: unknown, after: unknown, limit = 20): JsonDifference[] {
  const found: JsonDifference[] = []
  const compare = (a: unknown, b: unknown, path: string, key: string, depth: number): void => {
    if (found.length >= limit || Object.is(a, b)) return
    if (depth < 200 && isContainer(a) && isContainer(b) && Array.isArray(a) === Array.isArray(b)) {
      const [left, right] = [a as Record<string, unknown>, b as Record<string, unknown>]
      for (const inner of new Set([...Object.keys(left), ...Object.keys(right)])) {
        const at = (of: Record<string, unknown>) => (Object.hasOwn(of, inner) && of[inner] !== undefined ? of[inner] : nothing)
        compare(at(left), at(right), pathTo(path, inner, Array.isArray(a)), Array.isArray(a) ? key : inner, depth + 1)
      }
      return
    }
    if (JSON.stringify(a === nothing ? undefined : a) === JSON.stringify(b === nothing ? undefined : b)) return
    // Under its own name: that of a key tells that its value is a secret.
    const shown = (value: unknown) => shorten((redactValue({ [key]: value }) as Record<string, unknown>)[key])
    found.push({ path, ...(a !== nothing && { before: shown(a) }), ...(b !== nothing && { after: shown(b) }) })
  }
  compare(before, after, '', 'value', 0)
  return found
}

/** A value as one line that fits into a table. Secrets and what signs URLs are blotted out. */
export function shorten(value: unknown, length = shownLength): string {
  const json = (JSON.stringify(redactValue(value)) as string | undefined) ?? 'undefined'
  const letters = Array.from(json.slice(0, 4 * length))
  return letters.length <= length && json.length <= 4 * length ? json : `${letters.slice(0, length - 1).join('')}…`
}

const isContainer = (value: unknown): value is object => typeof value === 'object' && value !== null

function pathTo(path: string, key: string, inList: boolean): string {
  if (inList) return `${path}[${key}]`
  if (!/^[A-Za-z_$][\w$-]*$/.test(key)) return `${path}[${JSON.stringify(key)}]`
  return path === '' ? key : `${path}.${key}`
}
