import { baseFieldNames, withoutBaseFields, type BaseFields } from '@track-orchestrator/registry'
import { seal, type Sealed } from './sealed.ts'

/** A payload taken apart. */
export interface OpenedPayload {
  readonly base: Record<string, unknown>
  readonly input: unknown
}

/** How a payload of ours is packed. */
export interface Packing {
  /** The input is no object, and stands under `input`. */
  readonly wrapped?: boolean | undefined
  /** It holds keys that cannot travel: all of it is JSON text, under `json`, and the ids stand beside it for people. */
  readonly sealed?: boolean | undefined
}

/** The payload of a run: the base fields, and the input's own fields beside them, as a person would write it. */
export function packPayload({ tenantId, projectId, userId, trampData }: BaseFields, input: unknown): { readonly payload: BaseFields & { readonly input?: unknown }; readonly packing: Packing } {
  const ids: BaseFields = { tenantId, projectId, ...(userId !== undefined && { userId }) }
  const base = { ...ids, ...(trampData !== undefined && { trampData }) }
  const wrapped = !isRecord(input)
  const payload = wrapped ? { ...base, ...(input !== undefined && { input }) } : { ...input, ...base }
  const sent = seal(payload)
  if (sent !== payload) return { payload: { ...ids, ...(sent as Sealed) }, packing: { ...(wrapped && { wrapped }), sealed: true } }
  return { payload, packing: { ...(wrapped && { wrapped }) } }
}

/** A payload as a backend gives it, so that Trigger.dev's SDK takes it: see `seal`. */
export function sealPayload(payload: unknown): { readonly payload: unknown; readonly packing?: Packing } {
  const sent = sealable(payload)
  if (sent === payload || !isRecord(payload)) return { payload }
  const ids = Object.fromEntries(['tenantId', 'projectId', 'userId'].filter((name) => Object.hasOwn(payload, name)).map((name) => [name, payload[name]]))
  return { payload: { ...ids, ...(sent as Sealed) }, packing: { sealed: true } }
}

/** The payload of a run that a person or a backend started, as it was before it was packed. */
export function wholePayload(payload: unknown, packed: Packing | undefined): unknown {
  if (!packed) return payload
  const { base, input } = openPayload(payload, packed)
  return { ...(input as object), ...base }
}

/** The SDK sends more than JSON (a Date, a bigint), and says itself what it cannot send. */
function sealable(payload: unknown): unknown {
  try {
    return seal(payload)
  } catch {
    return payload
  }
}

/** Takes a payload apart. Nothing that stands in it is ours, whatever it is called. */
export function openPayload(payload: unknown, { wrapped = false, sealed = false }: Packing = {}): OpenedPayload {
  const given = isRecord(payload) ? payload : {}
  const fields = sealed ? (JSON.parse(String(given['json'])) as Record<string, unknown>) : given
  const base = Object.fromEntries(baseFieldNames.filter((name) => Object.hasOwn(fields, name)).map((name) => [name, fields[name]]))
  return { base, input: wrapped ? fields['input'] : withoutBaseFields(fields) }
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
