import { errorToJson } from '@track-orchestrator/registry'
import type { CallObserver, TaskOutcome } from '../engine/engine.ts'
import type { RunEvent } from '../log/run-event.ts'
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

/** Tells how it ended. `handled`: it failed, and the track goes on. */
export function tellEnded(events: RunEvents, { track, path, step, taskName, nested, kept }: StepPlace, outcome: TaskOutcome, durationMs: number, handled: boolean): void {
  const { attempt, metadata } = outcome
  if (outcome.status === 'failed') {
    events.emit({ type: 'step.failed', track, path, step, taskName, nested, attempt, durationMs, error: errorToJson(outcome.error), handled }, kept)
    return
  }
  const body: Succeeded = { type: 'step.succeeded', track, path, step, taskName, nested, attempt, durationMs, id: '', at: 0, sequence: 0, runId: '', runName: '', tenantId: '', projectId: '', kept }
  const outputSizeBytes = events.sizes ? jsonSizeBytes(outcome.output) : undefined
  if (outputSizeBytes !== undefined) body.outputSizeBytes = outputSizeBytes
  if (events.payloads) body.output = outcome.output
  for (const _name in metadata) {
    body.metadata = metadata
    break
  }
  events.emit(body, kept)
}

type Succeeded = { -readonly [Name in keyof SucceededEvent]: SucceededEvent[Name] }
type SucceededEvent = Extract<RunEvent, { readonly type: 'step.succeeded' }>

/** Turns what an engine reports of a call into events. `onProgress`: who asked for the call wants to know how far it is. */
export function observeCall(events: RunEvents, place: StepPlace, onProgress?: (fraction: number) => void): CallObserver {
  const { track, path, step, taskName, nested, kept } = place
  let startedAt = Date.now()
  return {
    ...(nested && {
      started: () => {
        startedAt = Date.now()
        tellStarted(events, place)
      },
      ended: (outcome: TaskOutcome) => tellEnded(events, place, outcome, Date.now() - startedAt, false),
    }),
    retrying: (attempt, delayMs, error) => events.emit({ type: 'step.retrying', track, path, step, taskName, nested, attempt, delayMs, error }, kept),
    progress: (fraction, note) => {
      events.emit({ type: 'step.progress', track, path, step, taskName, nested, fraction, ...(note !== undefined && { note }) }, kept)
      onProgress?.(fraction)
    },
    log: (level, message, fields) => events.emit({ type: 'log', track, path, step, taskName, nested, level, message, ...(fields && { fields }) }, kept),
  }
}
