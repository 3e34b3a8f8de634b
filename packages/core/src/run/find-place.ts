import { DefinitionError } from '@track-orchestrator/registry'
import { adviceOnName } from '@track-orchestrator/registry/options'
import { withoutItems, type Place, type StepPlace } from './places.ts'

/** What a person means. */
export interface FoundPlace {
  readonly place: StepPlace
  /** The steps that are tracks and that it is part of, the outermost first. */
  readonly inside: readonly StepPlace[]
  /** With the numbers of items and times that were said. */
  readonly path: string
}

/**
 * The place that a person means: by its path, its end, or the step's id; `[3]` behind a step means one item, or one time. A step that is a track is meant
 * where no step that runs a task is called so. Throws `DefinitionError` with the nearest names.
 */
export function findPlace(places: readonly Place[], said: string): FoundPlace {
  const name = withoutItems(said)
  const tracks = tracksIn(places)
  const all: readonly Found[] = [...places, ...tracks]
  const found = [all.filter(({ path }) => path === name), namedIn(places, name), namedIn(tracks, name)].find(({ length }) => length > 0) ?? []
  const [place, ...others] = found
  if (!place) throw new DefinitionError(`There is no step ${JSON.stringify(said)}. ${adviceOnName(name, [...new Set(all.flatMap(({ path, step }) => [step, path]))])}`)
  if (others.length > 0) throw new DefinitionError(`${JSON.stringify(said)} is several steps: ${found.map(({ path }) => path).join(', ')}. Say which by its path.`)
  return { place, inside: place.inside, path: withNumbers(place, said) }
}

interface Found extends StepPlace {
  readonly inside: readonly StepPlace[]
}

/** The steps that are tracks, as far as there is a task in them. */
function tracksIn(places: readonly Place[]): Found[] {
  const found = new Map<string, Found>()
  for (const { inside } of places) for (const [depth, place] of inside.entries()) if (!found.has(place.path)) found.set(place.path, { ...place, inside: inside.slice(0, depth) })
  return [...found.values()]
}

const namedIn = (places: readonly Found[], name: string): readonly Found[] => places.filter(({ path, step }) => path.endsWith(`/${name}`) || step === name)

/** The path of the place with the numbers in what was said of its end. */
function withNumbers(place: Found, said: string): string {
  const parts = place.path.split('/')
  for (const [back, part] of said.split('/').toReversed().entries()) {
    const item = /\[\d+\]$/.exec(part)?.[0]
    if (item === undefined) continue
    if (withoutItems(part) !== part.slice(0, -item.length) || !/^\[(?:0|[1-9]\d{0,14})\]$/.test(item)) throw new DefinitionError(`${JSON.stringify(said)} is no step: behind its name stands one number, from 0, as in translate[3].`)
    const at = parts.length - 1 - back
    const path = parts.slice(0, at + 1).map(withoutItems).join('/')
    const step = [...place.inside, place].find((one) => one.path === path)
    if (!step?.repeats && !step?.again) throw new DefinitionError(`${path} has no items: it is no forEach. Write it without ${item}.`)
    parts[at] += item
  }
  return parts.join('/')
}
