import type { TriggerTaskRequestBody } from '@trigger.dev/core/v3'

/** What a caller may ask for beside the payload. */
export type TriggerOptions = NonNullable<TriggerTaskRequestBody['options']>

/** A call of one task. */
export interface TriggerRequest {
  readonly task: string
  readonly payload: unknown
  readonly options?: TriggerOptions | undefined
  /** What its metadata begins with. */
  readonly metadata?: Record<string, unknown> | undefined
  /** Which item of which batch this is. */
  readonly batch?: { readonly id: string; readonly index: number } | undefined
  /** The caller's place in its trace, as W3C traceparent. */
  readonly traceparent?: string | undefined
}
