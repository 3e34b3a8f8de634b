import type { RunEvent } from './run-event.ts'

/** What events must outlive to be safe. */
export type LogLoss = 'process' | 'machine'

/** Where a run's events go: a console, a database, an engine's own logger. */
export interface RunLog {
  /** Takes one event. Never throws, never waits. */
  write(event: RunEvent): void
  /**
   * Sees to it at once that everything written so far is safe, and resolves when it is, or after `deadlineMs` at the latest; 0 starts that
   * and waits for nothing. Never rejects. `loss`: what the events must outlive. A log that keeps them on disk is safe from the loss of the
   * `process` as soon as they are written; where the `machine` goes, its disk goes with it. Default `machine`.
   */
  flush(deadlineMs: number, loss?: LogLoss): Promise<void>
  /** Whether what is behind the log is known to take nothing just now: then no run waits for it, and it goes on trying in the background. */
  readonly isAway?: boolean
  /** Whether it is told how far steps are (`step.progress`): where no log is, none of these events are made. Default true. */
  readonly progress?: boolean
  /** Whether the events should hold inputs and outputs in full. Default false. */
  readonly payloads?: boolean
  /** Whether the events should say how many bytes inputs and outputs are as JSON. Costs a `JSON.stringify` of each. Default false. */
  readonly sizes?: boolean
}
