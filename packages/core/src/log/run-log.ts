import type { RunEvent } from './run-event.ts'

/** Where a run's events go: a console, a database, an engine's own logger. */
export interface RunLog {
  /** Takes one event. Never throws, never waits. */
  write(event: RunEvent): void
  /** Resolves when everything written so far is safe, or after `deadlineMs` at the latest. Never rejects. */
  flush(deadlineMs: number): Promise<void>
  /** Whether the events should hold inputs and outputs in full. Default false. */
  readonly payloads?: boolean
  /** Whether the events should say how many bytes inputs and outputs are as JSON. Costs a `JSON.stringify` of each. Default false. */
  readonly sizes?: boolean
}
