import type { WhyRun } from '@track-orchestrator/core/in-process'
import type { Costs, ErrorJson } from '@track-orchestrator/registry'
import type { ValueReference, ViewedStatus } from './wire.ts'

// A run as its events so far tell it.

export type StepStatus = 'waiting' | 'running' | 'retrying' | 'succeeded' | 'failed' | 'skipped' | 'cancelled'

/** One try of a step. Times in milliseconds since 1970. */
export interface Attempt {
  readonly number: number
  startedAt: number
  endedAt?: number
  error?: ErrorJson
  /** The next one waits so long. */
  delayMs?: number
}

/** A step, an item of one, or a task that a handler asked for. */
export interface StepModel {
  readonly path: string
  readonly track: string
  readonly step: string
  readonly taskName: string
  readonly nested: boolean
  status: StepStatus
  /** When its turn came. */
  readyAt: number
  /** When its task was called: later where it waited for a place. */
  startedAt?: number
  endedAt?: number
  readonly attempts: Attempt[]
  itemCount?: number
  /** From 0 to 1. */
  progress?: number
  /** It failed, and the track went on. */
  handled?: boolean
  error?: ErrorJson
  why?: WhyRun
  /** In words. */
  whyText?: string
  /** The run that it was taken over from. */
  takenFrom?: string
  /** It finished in an earlier process of the run, and was not run again. */
  reused?: boolean
  metadata?: Readonly<Record<string, unknown>>
  /** What was paid for it, since the run was gone on with. */
  costs?: Costs
  /** It asks for an answer until then. */
  asksUntil?: number
  input?: ValueReference
  output?: ValueReference
  /** Items, and tasks that its handler asked for. */
  readonly children: StepModel[]
  logCount: number
}

export interface TrackModel {
  readonly path: string
  readonly name: string
  status: StepStatus
  startedAt?: number
  endedAt?: number
  error?: ErrorJson
  costs?: Costs
  /** The track because of which it was skipped. */
  because?: string
}

export interface LogLine {
  readonly at: number
  readonly level: 'debug' | 'info' | 'warn' | 'error'
  readonly message: string
  readonly path?: string
  readonly fields?: Readonly<Record<string, unknown>>
}

export interface RunModel {
  status: ViewedStatus
  startedAt: number
  endedAt?: number
  error?: ErrorJson
  /** All that it has paid. */
  costs?: Costs
  output?: ValueReference
  /** In the order in which they began. */
  readonly tracks: Map<string, TrackModel>
  readonly steps: Map<string, StepModel>
  readonly logs: LogLine[]
  /** Of the last event, or when it was read. */
  lastAt: number
}
