import { DefinitionError } from '@track-orchestrator/registry'
import { adviceOnName } from '@track-orchestrator/registry/options'
import type { Place } from './places.ts'

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
