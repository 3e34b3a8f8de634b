import { errorToJson } from '@track-orchestrator/registry'
import type { CallObserver, TaskOutcome } from '../engine/engine.ts'
import { jsonSizeBytes, type RunEvents } from '../log/run-events.ts'
import type { CallSite } from './step-call.ts'

/** Turns what an engine reports of a call into events. */
export function observeCall(events: RunEvents, site: CallSite, step: string, taskName: string, nested: boolean): CallObserver {
  const place = { track: site.track, path: site.path, step, taskName, nested }
  const emit = (body: Parameters<RunEvents['emit']>[0]) => events.emit(body, site.kept)
  let startedAt = Date.now()
  return {
    ...(nested && {
      started: () => {
        startedAt = Date.now()
        emit({ type: 'step.started', ...place })
      },
      ended: (outcome: TaskOutcome) => emit({ ...endOf(outcome, Date.now() - startedAt, events), ...place }),
    }),
    retrying: (attempt, delayMs, error) => emit({ type: 'step.retrying', attempt, delayMs, error, ...place }),
    progress: (fraction, note) => emit({ type: 'step.progress', fraction, ...(note !== undefined && { note }), ...place }),
    log: (level, message, fields) => emit({ type: 'log', level, message, ...(fields && { fields }), ...place }),
  }
}

/** How a call ended, as the end of an event. */
export function endOf(outcome: TaskOutcome, durationMs: number, { payloads, sizes }: RunEvents) {
  const { attempt, metadata } = outcome
  if (outcome.status === 'failed') return { type: 'step.failed', attempt, durationMs, error: errorToJson(outcome.error), handled: false } as const
  const outputSizeBytes = sizes ? jsonSizeBytes(outcome.output) : undefined
  return {
    type: 'step.succeeded',
    attempt,
    durationMs,
    ...(outputSizeBytes !== undefined && { outputSizeBytes }),
    ...(payloads && { output: outcome.output }),
    ...(Object.keys(metadata).length > 0 && { metadata }),
  } as const
}
