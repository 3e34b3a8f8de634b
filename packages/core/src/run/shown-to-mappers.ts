import type { BaseFields } from '@track-orchestrator/registry'

/** A track's input as its mappers see it: the input itself, and the base fields. Frozen. */
export function withBaseFields(input: unknown, base: BaseFields): unknown {
  return typeof input === 'object' && input !== null && !Array.isArray(input) ? Object.freeze({ ...input, ...base }) : input
}

/** An output as the next mapper sees it: with the caller's `trampData` on it, if there is any. A list keeps being a list. Frozen. */
export function withTrampData(output: unknown, trampData: BaseFields['trampData']): unknown {
  if (trampData === undefined) return output
  if (Array.isArray(output)) return Object.freeze(Object.assign([...(output as unknown[])], { trampData }))
  return typeof output === 'object' && output !== null ? Object.freeze({ ...output, trampData }) : output
}
