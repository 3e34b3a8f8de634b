import type { ErrorJson } from '@track-orchestrator/registry'
import type { LogLevel, RunEvent } from '../log/run-event.ts'
import { printable } from './printable.ts'

export const logLevels: readonly LogLevel[] = ['debug', 'info', 'warn', 'error']

/** What a stranger says is shown up to this many characters: an error may quote a whole page. */
const longestText = 2_000

/** An event as one line for a person, without anything that a terminal would obey; nothing where a person need not know. */
export function describeEvent(event: RunEvent, level: LogLevel): string | undefined {
  const told = tell(event, level)
  return told === undefined ? undefined : printable(told)
}

function tell(event: RunEvent, level: LogLevel): string | undefined {
  switch (event.type) {
    case 'run.started':
      return `${event.runName}: run ${event.runId}`
    case 'run.succeeded':
      return `${event.runName}: succeeded in ${formatDuration(event.durationMs)}`
    case 'run.failed':
      return `${event.runName}: failed after ${formatDuration(event.durationMs)}: ${describeError(event.error, event.runName)}`
    case 'run.cancelled':
      return `${event.runName}: cancelled after ${formatDuration(event.durationMs)}`
    case 'track.failed':
      // The run's own track is told by the run; what failed in a step, by the step.
      if (event.path === event.runName) return undefined
      return `${event.track}: failed after ${formatDuration(event.durationMs)}${event.error.place?.step === undefined ? `: ${describeError(event.error, event.track)}` : ''}`
    case 'track.skipped':
      return `${event.track}: skipped, since ${event.because} did not succeed`
    case 'track.cancelled':
      return event.path === event.runName ? undefined : `${event.track}: cancelled`
    case 'step.started':
      return event.nested ? undefined : `${placeOf(event)}: started${event.itemCount === undefined ? '' : ` (${event.itemCount} items)`}`
    case 'step.progress':
      return `${placeOf(event)}: ${Math.round(event.fraction * 100)} %${event.note ? ` ${shorten(event.note)}` : ''}`
    case 'step.retrying':
      return `${placeOf(event)}: attempt ${event.attempt} failed (${shorten(event.error.message)}), next in ${formatDuration(event.delayMs)}`
    case 'step.succeeded':
      return event.nested ? undefined : `${placeOf(event)}: ${event.reused ? 'finished before' : `done in ${formatDuration(event.durationMs)}`}${event.metadata?.['timedOut'] === true ? ', without an answer' : ''}`
    case 'step.failed':
      return `${placeOf(event)}: ${event.error.code === 'cancelled' ? 'cancelled' : `failed: ${shorten(event.error.message)} [${event.error.code}]`}${event.handled ? ' (the track goes on)' : ''}`
    case 'step.skipped':
      return `${placeOf(event)}: skipped`
    case 'log':
      return logLevels.indexOf(event.level) >= logLevels.indexOf(level) ? `${event.track ? `${placeOf(event)}: ` : ''}${event.level === 'info' ? '' : `${event.level}: `}${shorten(event.message)}` : undefined
    default:
      return undefined
  }
}

/** `AudioTrack > speech (attempt 2): what happened [code]`; the place only as far as it says more than who tells it. */
function describeError({ message, code, place }: ErrorJson, teller: string): string {
  const { track, step, item, attempt } = place ?? {}
  const where = track === undefined ? step : placeOf({ track, ...(step !== undefined && { step }) })
  const which = [...(item === undefined ? [] : [`item ${item}`]), ...(attempt === undefined || attempt < 2 ? [] : [`attempt ${attempt}`])].join(', ')
  const said = where === undefined || where === teller ? '' : `${where}${which && ` (${which})`}: `
  return `${said}${shorten(message)} [${code}]`
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

const shorten = (text: string) => (text.length > longestText ? `${text.slice(0, longestText)} … (${text.length - longestText} more characters)` : text)
