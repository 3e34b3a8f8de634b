import type { BaseFields, RetryPolicy } from '@track-orchestrator/registry'
import { baseFieldNames } from '@track-orchestrator/registry'

// What crosses from run to run, beside a task's own input. Only data: every worker process has the definitions.

/** The run that everything belongs to: the one that a person started. */
export interface RunTicket {
  readonly runId: string
  readonly runName: string
  readonly walkId: string
  /** Whether the run's history is kept. */
  readonly kept: boolean
}

/** A call of a task, made by a step or by a handler. */
export interface CallTicket extends RunTicket {
  readonly track: string
  readonly step: string
  /** Of what the call is part of, and the call's own part of it: `Flow/Track` and `2:translate[3]`. */
  readonly parentPath: string
  readonly segment: string
  readonly nested: boolean
  readonly retry?: RetryPolicy
  readonly timeoutMs?: number
}

/** A track of an orchestrator, of a composite track, or of an item. */
export interface TrackTicket extends RunTicket {
  readonly owner: { readonly kind: 'orchestrator' | 'composite' | 'forEach'; readonly name: string }
  /** Of the owner. */
  readonly path: string
  /** Of the track. */
  readonly ownPath: string
  /** The track's number in the owner's plan. */
  readonly index: number
  readonly onTrackFailure: 'halt' | 'stop' | 'continue'
}

/** The payload of a run that one of our runs started. */
export interface TicketedPayload extends BaseFields {
  readonly $call?: CallTicket
  readonly $track?: TrackTicket
  /** The input, in place or by reference: see `ClaimCheck`. */
  readonly $input?: unknown
}

/** The payload of any run of ours, split into its parts. `resumeOf`: the id of an earlier run whose finished steps are to be reused. */
export interface OpenedPayload {
  readonly base: Record<string, unknown>
  readonly input: unknown
  readonly call?: CallTicket
  readonly track?: TrackTicket
  readonly resumeOf?: string
}

/** Takes a payload apart. A payload that a person wrote has its input among the base fields. */
export function openPayload(payload: unknown): OpenedPayload {
  const { $call, $track, $input, resumeOf, ...rest } = (payload ?? {}) as TicketedPayload & { resumeOf?: unknown }
  const base = Object.fromEntries(Object.entries(rest).filter(([key]) => (baseFieldNames as readonly string[]).includes(key)))
  if ($call || $track) return { base, input: $input, ...($call && { call: $call }), ...($track && { track: $track }) }
  return { base, input: rest, ...(typeof resumeOf === 'string' && { resumeOf }) }
}
