import { stripVTControlCharacters } from 'node:util'
import type { LogLevel, RunEvent } from '../log/run-event.ts'

const levels: readonly LogLevel[] = ['debug', 'info', 'warn', 'error']

/** An event as one line for a person, or nothing where a person need not know. */
export function describeEvent(event: RunEvent, level: LogLevel): string | undefined {
  switch (event.type) {
    case 'run.started':
      return `${event.runName}: run ${event.runId}`
    case 'run.succeeded':
      return `${event.runName}: succeeded in ${formatDuration(event.durationMs)}`
    case 'run.failed':
      return `${event.runName}: failed after ${formatDuration(event.durationMs)}`
    case 'run.cancelled':
      return `${event.runName}: cancelled after ${formatDuration(event.durationMs)}`
    case 'track.skipped':
      return `${event.track}: skipped, since ${event.because} did not succeed`
    case 'track.cancelled':
      return `${event.track}: cancelled`
    case 'step.started':
      return event.nested ? undefined : `${placeOf(event)}: started${event.itemCount === undefined ? '' : ` (${event.itemCount} items)`}`
    case 'step.progress':
      return `${placeOf(event)}: ${Math.round(event.fraction * 100)} %${event.note ? ` ${plain(event.note)}` : ''}`
    case 'step.retrying':
      return `${placeOf(event)}: attempt ${event.attempt} failed (${plain(event.error.message)}), next in ${formatDuration(event.delayMs)}`
    case 'step.succeeded':
      return event.nested ? undefined : `${placeOf(event)}: done in ${formatDuration(event.durationMs)}`
    case 'step.failed':
      return `${placeOf(event)}: ${event.error.code === 'cancelled' ? 'cancelled' : `failed: ${plain(event.error.message)}`}${event.handled ? ' (the track goes on)' : ''}`
    case 'step.skipped':
      return `${placeOf(event)}: skipped`
    case 'log':
      return levels.indexOf(event.level) >= levels.indexOf(level) ? `${event.track ? `${placeOf(event)}: ` : ''}${event.level === 'info' ? '' : `${event.level}: `}${plain(event.message)}` : undefined
    default:
      return undefined
  }
}

/** Text from strangers, without what could move a terminal's cursor or start a new line. */
export function plain(text: string): string {
  return stripVTControlCharacters(text).replaceAll(/\p{Cc}+/gu, ' ')
}

/** `820 ms`, `4.2 s`, `3 min 12 s`. */
export function formatDuration(durationMs: number): string {
  if (durationMs < 1_000) return `${Math.round(durationMs)} ms`
  if (durationMs < 60_000) return `${(durationMs / 1_000).toFixed(1)} s`
  const seconds = Math.round(durationMs / 1_000)
  return `${Math.floor(seconds / 60)} min ${seconds % 60} s`
}

function placeOf({ track, step }: { track?: string; step?: string }): string {
  return step === undefined || step === track ? `${track}` : `${track} > ${step}`
}
