import type { RunEvent, RunLog } from '@track-orchestrator/core'
import { describeEvent } from '@track-orchestrator/core/console'
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
  logger[failed ? 'warn' : 'info'](lineOf(event), facts)
}

/** The dashboard shows a line by its message alone: so that names what it tells of. */
export function lineOf(event: RunEvent): string {
  if ('nested' in event && event.nested && event.path !== undefined) {
    // A task that a handler asked for: `3:transcode_part` is its fourth.
    const [, number, task] = /([0-9]+):([^/]*)$/.exec(event.path) ?? []
    const told = describeEvent({ ...event, nested: false }, 'debug')
    if (told !== undefined && number !== undefined) return told.replace(': ', ` > ${task} ${Number(number) + 1}: `)
  }
  const told = describeEvent(event, 'debug')
  if (told !== undefined) return told
  return 'track' in event && event.track !== undefined ? `${event.track}: ${event.type.slice(event.type.indexOf('.') + 1)}` : event.type
}
