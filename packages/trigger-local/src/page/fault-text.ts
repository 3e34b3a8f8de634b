import type { Fault } from '../api/faults.ts'

/** A fault as it crosses HTTP: its pattern as text. */
export type FaultText = Omit<Fault, 'path'> & { readonly path: string }

const kinds: ReadonlySet<unknown> = new Set(['lost', 'refused', 429, 500, 502, 503])

/** The fault as text, to be sent. */
export function writeFault({ path, ...fault }: Fault): FaultText {
  return { ...fault, path: path.source }
}

/** The fault that somebody sent, or what is wrong with it. */
export function readFault(value: unknown): { success: true; data: Fault } | { success: false; error: { message: string } } {
  const { path, kind, method, times, retryAfter } = (value ?? {}) as Record<string, unknown>
  const wrong = (message: string) => ({ success: false as const, error: { message } })
  if (typeof path !== 'string') return wrong('a fault needs a path: the source of a regular expression')
  if (!kinds.has(kind)) return wrong(`a fault's kind is one of ${[...kinds].join(', ')}, not ${JSON.stringify(kind)}`)
  for (const [name, number] of Object.entries({ times, retryAfter })) {
    if (number !== undefined && !(Number.isInteger(number) && (number as number) > 0)) return wrong(`a fault's ${name} is a whole number above 0, not ${JSON.stringify(number)}`)
  }
  try {
    return { success: true, data: { path: new RegExp(path), kind, ...(typeof method === 'string' && { method }), ...(times !== undefined && { times }), ...(retryAfter !== undefined && { retryAfter }) } as Fault }
  } catch (error) {
    return wrong(`a fault's path is no regular expression: ${(error as Error).message}`)
  }
}
