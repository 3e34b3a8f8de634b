import type { RunEvent, RunLog } from '@track-orchestrator/core'
import { logger, metadata } from '@trigger.dev/sdk'

/** A run's events, shown where Trigger.dev shows things: as log lines of the run, and progress as run metadata (for Realtime). */
export function createTriggerLog(): RunLog {
  return { write, flush: async () => metadata.flush().catch(() => {}) }
}

function write(event: RunEvent): void {
  if (event.type === 'step.progress') {
    metadata.set('progress', { fraction: event.fraction, note: event.note ?? '', step: event.step, track: event.track })
    return
  }
  if (event.type === 'log') {
    logger[event.level](event.message, { ...event.fields })
    return
  }
  const { id: _id, at: _at, sequence: _sequence, ...facts } = event
  const failed = event.type.endsWith('.failed') || event.type === 'step.retrying'
  logger[failed ? 'warn' : 'info'](event.type, facts)
}
