import { startTimer } from '@track-orchestrator/registry/waiting'

/** Where attempts read and spend their time. */
export interface Clock {
  /** Milliseconds, from any beginning; never goes back. */
  readonly now: () => number
  /** Calls `run` after so many milliseconds. Returns what calls it off. */
  readonly startTimer: (ms: number, run: () => void) => () => void
}

/** This process's own. */
export const processClock: Clock = { now: () => performance.now(), startTimer }
