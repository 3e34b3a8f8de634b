import type { CallObserver, TaskOutcome } from '../engine/engine.ts'
import { jsonSizeBytes, type RunEvents } from '../log/run-events.ts'
import type { CallSite } from './step-call.ts'

/** Turns what an engine reports of a call into events. */
export function observeCall(events: RunEvents, site: CallSite, step: string, taskName: string, nested: boolean): CallObserver {
  const place = { track: site.track, path: site.path, step, taskName, nested }
  const emit = (body: Parameters<RunEvents['emit']>[0]) => events.emit(body, site.enableSupabaseLogging)
  return {
    nested,
    started: () => emit({ type: 'step.started', ...place }),
    ended: (outcome) => emit({ ...endOf(outcome, events.payloads), ...place }),
    retrying: (attempt, delayMs, error) => emit({ type: 'step.retrying', attempt, delayMs, error, ...place }),
    progress: (fraction, note) => emit({ type: 'step.progress', fraction, ...(note !== undefined && { note }), ...place }),
    log: (level, message, fields) => emit({ type: 'log', level, message, ...(fields && { fields }), ...place }),
  }
}

/** How a call ended, as the end of an event. */
export function endOf(outcome: TaskOutcome, payloads: boolean) {
  const { job } = outcome
  const { attempt, durationMs } = job
  if (!job.success) return { type: 'step.failed', attempt, durationMs, error: job.error, handled: false } as const
  const outputSizeBytes = jsonSizeBytes(outcome.results)
  return {
    type: 'step.succeeded',
    attempt,
    durationMs,
    ...(outputSizeBytes !== undefined && { outputSizeBytes }),
    ...(payloads && { output: outcome.results }),
    ...(Object.keys(outcome.metadata).length > 0 && { metadata: outcome.metadata }),
  } as const
}
