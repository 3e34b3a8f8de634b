import type { RunEvent } from '../log/run-event.ts'
import type { RecordHeads } from './record-heads.ts'

/**
 * The paths of steps and tracks of which the events tell last that they failed: also where no call did, as of a step whose mapper threw, or that was
 * repeated and never reached what it was to. Costs nothing where none failed; else every event is parsed.
 */
export function failedPlaces(heads: RecordHeads): string[] {
  if (!heads.mayHold('"handled":true') && !heads.mayHold('"type":"track.failed"')) return []
  const ends = new Map<string, boolean>()
  for (const head of heads) {
    if (head.type !== 'event') continue
    const event = head.whole()['event'] as RunEvent
    const [, kind] = endings.exec(event.type) ?? []
    if (kind && 'path' in event) ends.set(`${kind} ${event.path}`, 'error' in event && event.error.code !== 'cancelled')
  }
  return [...ends].flatMap(([place, hasFailed]) => (hasFailed ? [place.slice(place.indexOf(' ') + 1)] : []))
}

const endings = /^(step|track)\.(?:succeeded|failed|skipped|cancelled)$/
