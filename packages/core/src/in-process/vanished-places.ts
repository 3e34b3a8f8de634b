import { DefinitionError, TerminalError } from '@track-orchestrator/registry'
import { adviceOnName } from '@track-orchestrator/registry/options'
import type { RecordedCalls, RenamedPlaces } from '../journal/recorded-calls.ts'
import { shellWord } from '../run/shell-word.ts'
import { findPlace } from '../run/find-place.ts'
import { isAtOrBelow, type Place } from '../run/places.ts'

/** Where finished places of an earlier definition are now: `said` with paths in place of names. Throws `DefinitionError` for names that are not there. */
export function renamedPlaces(said: RenamedPlaces, recorded: RecordedCalls, places: readonly Place[]): RenamedPlaces {
  const gone = vanishedPlaces(recorded, places)
  return Object.fromEntries(
    Object.entries(said).map(([before, after]) => {
      const found = gone.filter((path) => path === before || path.endsWith(`/${before}`))
      if (found.length !== 1) throw new DefinitionError(`${JSON.stringify(before)} is ${found.length > 1 ? `several finished places: ${found.join(', ')}` : `no finished place that is gone from the definition. ${adviceOnName(before, gone.flatMap((path) => [lastOf(path), path]))}`}`)
      return [found[0]!, after === null ? null : findPlace(places, after).path]
    }),
  )
}

/** Places that finished and that the definition does not have any more, or has as something else. */
function vanishedPlaces(recorded: RecordedCalls, places: readonly Place[]): string[] {
  const known = new Set(places.map(({ path }) => path))
  const isKnown = (path: string): boolean => {
    for (let end = path.length; end > 0; end = path.lastIndexOf('/', end - 1)) if (known.has(path.slice(0, end))) return true
    return false
  }
  const gone = [...recorded.finishedPlaces()].filter((path) => !isKnown(path))
  // What a handler asked for goes with its step.
  return gone.filter((path) => !gone.some((other) => other !== path && isAtOrBelow(path, other)))
}

/** As a person types it. A name with = in it is told from the new one as JSON. */
const mapped = (before: string, after: string | null): string => (before.includes('=') ? shellWord(JSON.stringify({ [before]: after })) : `${shellWord(`${before}=`)}${after ?? ''}`)

const lastOf = (path: string): string => path.slice(path.lastIndexOf('/') + 1)

/** Throws `journal/place_vanished`: paid work would be dropped without a word. */
export function refuseVanished(runId: string, recorded: RecordedCalls, places: readonly Place[]): void {
  const [path, ...more] = vanishedPlaces(recorded, places)
  if (path === undefined) return
  const name = lastOf(path)
  const others = more.length > 0 ? ` So did ${more.slice(0, 5).join(', ')}${more.length > 5 ? ` and ${more.length - 5} more` : ''}.` : ''
  throw new TerminalError(
    `${path} finished in run ${runId}, but the definition does not have it any more.${others} Was it renamed? Then say what it is called now: --map ${mapped(name, '<new name>')} (map: { ${JSON.stringify(name)}: '…' }). To let go of what it made: --map ${mapped(name, null)} (null). ${adviceOnName(name, places.map(({ step }) => step))}`,
    { code: 'journal/place_vanished' },
  )
}
