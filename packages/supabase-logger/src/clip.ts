/** Characters (UTF-16 units) of one text. */
const textLimit = 16_384
/** Characters of all texts, keys and numbers that one `Clipper` lets through. */
const totalLimit = 65_536
const depthLimit = 12

// A high surrogate without its low one, and the other way round: with the flag `u` only lone ones match.
const loneSurrogate = /\p{Surrogate}/gu
const suspect = /[\0\uD800-\uDFFF]/

/** Text that PostgreSQL can store: NUL and lone surrogates replaced by U+FFFD. */
export function cleanText(text: string): string {
  return suspect.test(text) ? text.replaceAll('\0', '\uFFFD').replace(loneSurrogate, '\uFFFD') : text
}

/** Copies values as plain JSON that PostgreSQL can store, up to a size. Never throws. */
export class Clipper {
  /** Something was too long, and says so in its place. */
  clipped = false
  #left = totalLimit

  text(text: string): string {
    this.#left -= 2
    const room = Math.max(0, Math.min(textLimit, this.#left))
    this.#left -= Math.min(text.length, room)
    if (text.length <= room) return cleanText(text)
    this.clipped = true
    return `${cleanText(text.slice(0, room))} [clipped: ${text.length - room} of ${text.length} characters]`
  }

  /** `undefined` for what JSON leaves out, such as functions. */
  value(value: unknown, depth = depthLimit): unknown {
    this.#left -= 2
    if (typeof value === 'string') return this.text(value)
    if (typeof value === 'bigint') return this.text(String(value))
    if (typeof value === 'number') return this.#number(value)
    if (typeof value === 'boolean' || value === null) return value
    if (typeof value !== 'object') return undefined
    if (depth === 0) return '[too deep]'
    try {
      if (ArrayBuffer.isView(value) || value instanceof ArrayBuffer) return `[${value.byteLength} bytes]`
      if ('toJSON' in value && typeof value.toJSON === 'function') return this.value((value.toJSON as () => unknown)(), depth - 1)
      return Array.isArray(value) ? this.#items(value, depth) : this.#entries(value, depth)
    } catch {
      return '[unreadable]'
    }
  }

  #number(value: number): number | null {
    this.#left -= 6
    return Number.isFinite(value) ? value : null
  }

  #items(items: readonly unknown[], depth: number): unknown[] {
    const copy: unknown[] = []
    for (const item of items) {
      if (this.#left <= 0) return [...copy, this.#more(items.length - copy.length)]
      copy.push(this.value(item, depth - 1) ?? null)
    }
    return copy
  }

  #entries(value: object, depth: number): Record<string, unknown> {
    const copy: [string, unknown][] = []
    const keys = Object.keys(value)
    for (const [index, key] of keys.entries()) {
      if (this.#left <= 0) {
        copy.push(['…', this.#more(keys.length - index)])
        break
      }
      const inner = this.#read(value, key, depth)
      if (inner !== undefined) copy.push([this.text(key), inner])
    }
    return Object.fromEntries(copy)
  }

  #read(value: object, key: string, depth: number): unknown {
    try {
      return this.value((value as Record<string, unknown>)[key], depth - 1)
    } catch {
      return '[unreadable]'
    }
  }

  #more(count: number): string {
    this.clipped = true
    return `[clipped: ${count} more]`
  }
}
