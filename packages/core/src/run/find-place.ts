import { DefinitionError } from '@track-orchestrator/registry'
import { adviceOnName } from '@track-orchestrator/registry/options'
import type { Place, StepPlace } from './places.ts'

/**
 * The place that a person means: by its path, its end, or the step's id; `[3]` behind it means one item, or one time. A step that is a track is meant where
 * no step that runs a task is called so. Throws `DefinitionError` with the nearest names.
 */
export function findPlace(places: readonly Place[], said: string): { readonly place: StepPlace; readonly path: string } {
  const item = /\[\d+\]$/.exec(said)?.[0] ?? ''
  const name = said.slice(0, said.length - item.length)
  const tracks = [...new Map(places.flatMap(({ inside }) => inside.map((place) => [place.path, place] as const))).values()]
  const found = [[...places, ...tracks].filter(({ path }) => path === name), namedIn(places, name), namedIn(tracks, name)].find(({ length }) => length > 0) ?? []
  const [place, ...others] = found
  if (!place) throw new DefinitionError(`There is no step ${JSON.stringify(said)}. ${adviceOnName(name, [...new Set([...places, ...tracks].flatMap(({ path, step }) => [step, path]))])}`)
  if (others.length > 0) throw new DefinitionError(`${JSON.stringify(said)} is several steps: ${found.map(({ path }) => path).join(', ')}. Say which by its path.`)
  if (item !== '' && !place.repeats && !place.again) throw new DefinitionError(`${place.path} has no items: it is no forEach. Write it without ${item}.`)
  return { place, path: place.path + item }
}

const namedIn = (places: readonly StepPlace[], name: string): readonly StepPlace[] => places.filter(({ path, step }) => path.endsWith(`/${name}`) || step === name)
