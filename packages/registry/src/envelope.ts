import type { TrampData } from './base-fields.ts'
import type { ErrorJson } from './errors/json-of-error.ts'

interface JobFacts {
  readonly taskName: string
  readonly runId: string
  /** From 1. */
  readonly attempt: number
  /** Milliseconds since 1970 (UTC). */
  readonly startedAt: number
  readonly durationMs: number
}

/** What every task answers, on every engine: how it went, what it made, and the caller's own data. */
export type TaskEnvelope<Results = unknown> =
  | {
      readonly job: JobFacts & { readonly success: true }
      readonly results: Results
      readonly metadata: Readonly<Record<string, unknown>>
      readonly trampData: TrampData | undefined
    }
  | {
      readonly job: JobFacts & { readonly success: false; readonly error: ErrorJson }
      readonly results: undefined
      readonly metadata: Readonly<Record<string, unknown>>
      readonly trampData: TrampData | undefined
    }
