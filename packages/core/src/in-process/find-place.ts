import { DefinitionError, TerminalError } from '@track-orchestrator/registry'
import { adviceOnName } from '@track-orchestrator/registry/options'
import { isAtOrBelow, type RecordedCalls, type RenamedPlaces } from '../journal/recorded-calls.ts'
import { withoutItems, type Place } from '../run/places.ts'

/** The place that a person means: by its path, its end, or the step's id; `[3]` behind it means one item. Throws `DefinitionError` with the nearest names. */
export function findPlace(places: readonly Place[], said: string): { readonly place: Place; readonly path: string } {
  const item = /\[\d+\]$/.exec(said)?.[0] ?? ''
  const name = said.slice(0, said.length - item.length)
  const found = places.filter(({ path, step }) => path === name || path.endsWith(`/${name}`) || step === name)
  const exact = found.filter(({ path }) => path === name)
  const [place, ...others] = exact.length > 0 ? exact : found
  if (!place) throw new DefinitionError(`There is no step ${JSON.stringify(said)}. ${adviceOnName(name, [...new Set(places.flatMap(({ path, step }) => [step, path]))])}`)
  if (others.length > 0) throw new DefinitionError(`${JSON.stringify(said)} is several steps: ${found.map(({ path }) => path).join(', ')}. Say which by its path.`)
  if (item !== '' && !place.repeats) throw new DefinitionError(`${place.path} has no items: it is no forEach. Write it without ${item}.`)
  return { place, path: place.path + item }
}

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
  const gone = [...new Set(recorded.finishedPaths().map(withoutItems))].filter((path) => !isKnown(path))
  // What a handler asked for goes with its step.
  return gone.filter((path) => !gone.some((other) => other !== path && isAtOrBelow(path, other)))
}

const lastOf = (path: string): string => path.slice(path.lastIndexOf('/') + 1)

/** Throws `journal/place_vanished`: paid work would be dropped without a word. */
export function refuseVanished(runId: string, recorded: RecordedCalls, places: readonly Place[]): void {
  const [path, ...more] = vanishedPlaces(recorded, places)
  if (path === undefined) return
  const name = lastOf(path)
  const others = more.length > 0 ? ` So did ${more.slice(0, 5).join(', ')}${more.length > 5 ? ` and ${more.length - 5} more` : ''}.` : ''
  throw new TerminalError(
    `${path} finished in run ${runId}, but the definition does not have it any more.${others} Was it renamed? Then say what it is called now: --map ${name}=<new name> (map: { ${JSON.stringify(name)}: '…' }). To let go of what it made: --map ${name}= (null). ${adviceOnName(name, places.map(({ step }) => step))}`,
    { code: 'journal/place_vanished' },
  )
}
