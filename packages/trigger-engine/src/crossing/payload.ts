import { baseFieldNames, withoutBaseFields, type BaseFields } from '@track-orchestrator/registry'

/** A payload taken apart. */
export interface OpenedPayload {
  readonly base: Record<string, unknown>
  readonly input: unknown
}

/**
 * The payload of a run: the base fields, and the input's own fields beside them, as a person would write it.
 * `wrapped`: the input is no object, and stands under `input`.
 */
export function packPayload({ tenantId, projectId, userId, trampData }: BaseFields, input: unknown): { payload: BaseFields & { readonly input?: unknown }; wrapped: boolean } {
  const base: BaseFields = { tenantId, projectId, ...(userId !== undefined && { userId }), ...(trampData !== undefined && { trampData }) }
  if (!isRecord(input)) return { payload: { ...base, ...(input !== undefined && { input }) }, wrapped: true }
  return { payload: { ...input, ...base }, wrapped: false }
}

/** Takes a payload apart. Nothing that stands in it is ours, whatever it is called. */
export function openPayload(payload: unknown, { wrapped = false }: { readonly wrapped?: boolean | undefined } = {}): OpenedPayload {
  const fields = isRecord(payload) ? payload : {}
  const base = Object.fromEntries(baseFieldNames.filter((name) => Object.hasOwn(fields, name)).map((name) => [name, fields[name]]))
  return { base, input: wrapped ? fields['input'] : withoutBaseFields(fields) }
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
