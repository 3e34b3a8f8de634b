import type { LogLevel, RunEvent } from '@track-orchestrator/core'
import { cleanText, Clipper } from './clip.ts'

/** A row of `track_run_events`, as it is inserted. What an event does not say is left out, not null. */
export interface EventRow {
  readonly id: string
  readonly tenant_id: string
  readonly project_id: string
  readonly user_id?: string
  readonly run_id: string
  readonly run_name: string
  readonly sequence: number
  /** ISO 8601, UTC. */
  readonly at: string
  readonly type: RunEvent['type']
  readonly level: LogLevel
  readonly track?: string
  readonly path?: string
  readonly step?: string
  readonly task_name?: string
  readonly nested?: boolean
  readonly attempt?: number
  readonly duration_ms?: number
  readonly input_size_bytes?: number
  readonly output_size_bytes?: number
  readonly message?: string
  readonly error?: unknown
  readonly data?: Readonly<Record<string, unknown>>
  /** Which log wrote it. Within one log, the order of `written_at` is the order of what happened. */
  readonly writer?: string
  /** When it was written, and when it was sent, by the clock of the writer: how far that is off the database's shows when the row is received. ISO 8601, UTC, to the microsecond. */
  readonly written_at?: string
  readonly sent_at?: string
}

/** Every key that an event may have beside its type: those with a column of their own, and the rest, which goes into `data`. */
type Loose = Partial<Record<'track' | 'path' | 'step' | 'taskName' | 'message', string>> &
  Partial<Record<'attempt' | 'durationMs' | 'inputSizeBytes' | 'outputSizeBytes', number>> & { level?: LogLevel; nested?: boolean; error?: unknown; handled?: boolean }

/**
 * The row of an event. PostgreSQL can store it whatever the event holds: NUL characters and lone surrogates become U+FFFD, what is no JSON is
 * named in its place, numbers without a value are left out. A text of more than 16,384 characters, and what goes beyond 65,536 characters in an
 * event's message, error and data together, is clipped: the place says by how much, and `data.clipped` is true.
 */
export function toEventRow(event: RunEvent): EventRow {
  const { id, at, sequence, runId, runName, tenantId, projectId, userId, kept: _, type, ...body } = event
  const { level, track, path, step, taskName, nested, attempt, durationMs, inputSizeBytes, outputSizeBytes, message, error, ...rest } = body as Loose
  const clipper = new Clipper()
  const said = {
    ...(message !== undefined && { message: clipper.text(message) }),
    ...(error !== undefined && { error: clipper.value(error) }),
  }
  const data = clipper.value(rest) as Record<string, unknown>
  if (clipper.clipped) data['clipped'] = true
  return {
    id,
    tenant_id: cleanText(tenantId),
    project_id: cleanText(projectId),
    ...(userId !== undefined && { user_id: cleanText(userId) }),
    run_id: cleanText(runId),
    run_name: cleanText(runName),
    sequence,
    at: new Date(at >= 0 && at < endOfTime ? at : Date.now()).toISOString(),
    type,
    level: level ?? levelOf(type, rest.handled),
    ...(track !== undefined && { track: cleanText(track) }),
    ...(path !== undefined && { path: cleanText(path) }),
    ...(step !== undefined && { step: cleanText(step) }),
    ...(taskName !== undefined && { task_name: cleanText(taskName) }),
    ...(nested !== undefined && { nested }),
    ...whole('attempt', attempt),
    ...whole('duration_ms', durationMs),
    ...whole('input_size_bytes', inputSizeBytes),
    ...whole('output_size_bytes', outputSizeBytes),
    ...said,
    ...(Object.keys(data).length > 0 && { data }),
  }
}

/** Year 10,000: what comes then needs more digits than a date has. */
const endOfTime = Date.UTC(10_000, 0)

/** How much an event matters. Progress is `debug`: the first to go where there is no room. */
function levelOf(type: RunEvent['type'], handled = false): LogLevel {
  if (type === 'step.progress') return 'debug'
  if (type.endsWith('.failed')) return handled ? 'warn' : 'error'
  return /\.(?:retrying|cancelled)$|^track\.skipped$/.test(type) ? 'warn' : 'info'
}

function whole<K extends string>(column: K, value: number | undefined): { [key in K]?: number } {
  const rounded = Math.round(value ?? Number.NaN)
  return (Number.isSafeInteger(rounded) ? { [column]: rounded } : {}) as { [key in K]?: number }
}
