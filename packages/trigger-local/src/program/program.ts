import type { Writable } from 'node:stream'

/** Where the program runs, and what it is given. */
export interface Program {
  readonly arguments: readonly string[]
  readonly folder: string
  readonly stdout: Writable & { readonly isTTY?: boolean }
  readonly stderr: Writable
  /** Aborts when the person wants it to end. */
  readonly signal: AbortSignal
}

/** A person used the program wrongly, or something that it needs is missing: one line says so. */
export class UsageError extends Error {
  override readonly name = 'UsageError'
}

/** What a terminal would obey in a text that is not ours is told by its number. */
export function printable(text: string): string {
  // oxlint-disable-next-line no-control-regex
  return text.replaceAll(/[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u200b-\u200f\u2028-\u202e\u2066-\u2069]/g, (character) => `\\u${character.codePointAt(0)!.toString(16).padStart(4, '0')}`)
}
