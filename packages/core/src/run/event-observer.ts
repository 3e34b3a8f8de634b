import { errorToJson, type Costs, type ErrorJson } from '@track-orchestrator/registry'
import type { Ledger } from '../costs/ledger.ts'
import type { CallObserver, TaskOutcome } from '../engine/engine.ts'
import type { LogLevel, RunEvent } from '../log/run-event.ts'
import { jsonSizeBytes, type RunEvents } from '../log/run-events.ts'

/** Where a step's events happen. */
export interface StepPlace {
  readonly track: string
  readonly path: string
  readonly step: string
  readonly taskName: string
  /** The call was made by a handler, below a step. */
  readonly nested: boolean
  readonly kept: boolean
}

// Events are written out field by field: a spread of several objects costs more than the step that is told of. Those of every step have room
// for what `RunEvents` puts in: an object that grows costs as much again.

/** Tells that a step, or a call that a handler made, has started. */
export function tellStarted(events: RunEvents, { track, path, step, taskName, nested, kept }: StepPlace): void {
  const body = { type: 'step.started', track, path, step, taskName, nested, id: '', at: 0, sequence: 0, runId: '', runName: '', tenantId: '', projectId: '', kept } as const
  events.emit(body, kept)
}

/** Tells that a step's `when` said no. */
export function tellSkipped(events: RunEvents, { track, path, step, taskName, nested, kept }: StepPlace): void {
  events.emit({ type: 'step.skipped', track, path, step, taskName, nested }, kept)
}

/** Tells how it ended. `handled`: it failed, and the track goes on. `costs`: what was paid for it. */
export function tellEnded(events: RunEvents, { track, path, step, taskName, nested, kept }: StepPlace, outcome: TaskOutcome, durationMs: number, handled: boolean, costs: Costs | undefined): void {
  const { attempt, metadata } = outcome
  if (outcome.status === 'failed') {
    events.emit({ type: 'step.failed', track, path, step, taskName, nested, attempt, durationMs, error: errorToJson(outcome.error), handled, ...(costs && { costs }) }, kept)
    return
  }
  const body: Succeeded = { type: 'step.succeeded', track, path, step, taskName, nested, attempt, durationMs, id: '', at: 0, sequence: 0, runId: '', runName: '', tenantId: '', projectId: '', kept }
  const outputSizeBytes = events.sizes ? jsonSizeBytes(outcome.output) : undefined
  if (outputSizeBytes !== undefined) body.outputSizeBytes = outputSizeBytes
  if (events.payloads) body.output = outcome.output
  if (costs) body.costs = costs
  if (outcome.isReused) body.reused = true
  for (const _name in metadata) {
    body.metadata = metadata
    break
  }
  events.emit(body, kept)
}

type Succeeded = { -readonly [Name in keyof SucceededEvent]: SucceededEvent[Name] }
type SucceededEvent = Extract<RunEvent, { readonly type: 'step.succeeded' }>

/** Turns what an engine reports of a call into events. One is made for every call that is told of: a class, for its methods are made once. */
export class EventObserver implements CallObserver {
  private readonly _events: RunEvents
  private readonly _place: StepPlace
  private readonly _ledger: Ledger
  private readonly _onProgress: ((fraction: number) => void) | undefined
  private _startedAt = 0

  /** `onProgress`: who asked for the call wants to know how far it is. */
  constructor(events: RunEvents, place: StepPlace, ledger: Ledger, onProgress: ((fraction: number) => void) | undefined) {
    this._events = events
    this._place = place
    this._ledger = ledger
    this._onProgress = onProgress
  }

  /** Of a step itself `runStep` tells. */
  started(): void {
    if (!this._place.nested) return
    this._startedAt = Date.now()
    tellStarted(this._events, this._place)
  }

  ended(outcome: TaskOutcome): void {
    if (this._place.nested) tellEnded(this._events, this._place, outcome, Date.now() - this._startedAt, false, this._ledger.of(this._place.path))
  }

  retrying(attempt: number, delayMs: number, error: ErrorJson): void {
    this._events.emit({ type: 'step.retrying', ...this._asked(), attempt, delayMs, error }, this._place.kept)
  }

  progress(fraction: number, note?: string): void {
    this._events.emit({ type: 'step.progress', ...this._asked(), fraction, ...(note !== undefined && { note }) }, this._place.kept)
    this._onProgress?.(fraction)
  }

  log(level: LogLevel, message: string, fields?: Readonly<Record<string, unknown>>): void {
    this._events.emit({ type: 'log', ...this._asked(), level, message, ...(fields && { fields }) }, this._place.kept)
  }

  private _asked() {
    const { track, path, step, taskName, nested } = this._place
    return { track, path, step, taskName, nested }
  }
}
