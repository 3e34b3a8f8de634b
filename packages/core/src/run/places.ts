import type { TaskContract } from '@track-orchestrator/registry'
import type { CompiledOrchestrator } from './compile-orchestrator.ts'
import type { CompiledTrack } from './compile-track.ts'

/** Where a task is called in a definition. */
export interface Place {
  /** As in `TaskCall.path`, without the numbers of items. */
  readonly path: string
  readonly track: string
  readonly step: string
  readonly taskName: string
  /** It runs once for each item. */
  readonly repeats: boolean
  /** Where it asks for an answer: whose output that is. */
  readonly asks?: TaskContract | undefined
  /** The paths of all that comes after it, and may be given what it makes: steps, tracks, the final task. Of a track the path of the whole. */
  readonly later: () => string[]
}

/** The places of a track, those of tracks inside too, in the order in which they are walked. `path`: the track's own. */
export function placesOfTrack({ definition, steps, composite }: CompiledTrack, path: string, afterIt: () => string[] = () => []): Place[] {
  const stepPaths = steps.map(({ segment }) => `${path}/${segment}`)
  const subTracks = composite?.subTracks ?? []
  const subPaths = subTracks.map((track) => `${path}/${track.definition.name}`)
  const inSteps = steps.flatMap(({ track, id, taskName, asks, contract, definition: { forEach } }, index) => {
    const later = () => [...stepPaths.slice(index + 1), ...subPaths, ...afterIt()]
    if (track) return placesOfTrack(track, stepPaths[index]!, later)
    return [{ path: stepPaths[index]!, track: definition.name, step: id, taskName, repeats: forEach !== undefined, ...(asks && { asks: contract }), later }]
  })
  return [...inSteps, ...subTracks.flatMap((track, index) => placesOfTrack(track, subPaths[index]!, afterIt))]
}

/** The places of an orchestrator: those of its tracks, and its final task. */
export function placesOfOrchestrator({ definition, tracks, graph, finalStep }: CompiledOrchestrator): Place[] {
  const { name } = definition
  const paths = graph.names.map((track) => `${name}/${track}`)
  const final = finalStep ? [{ path: `${name}/${finalStep.segment}`, track: name, step: finalStep.id, taskName: finalStep.taskName, repeats: false, later: () => [] }] : []
  const inTracks = tracks.flatMap((track, index) =>
    placesOfTrack(track, paths[index]!, () => [...dependantsOf(index, graph.dependants).map((dependant) => paths[dependant]!), ...final.map((place) => place.path)]),
  )
  return [...inTracks, ...final]
}

function dependantsOf(index: number, dependants: readonly (readonly number[])[]): number[] {
  const found = new Set<number>()
  const waiting = [index]
  for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
    for (const dependant of dependants[next]!) {
      if (found.has(dependant)) continue
      found.add(dependant)
      waiting.push(dependant)
    }
  }
  return [...found]
}

/** A place, an item of it, or what is inside. */
export const isAtOrBelow = (path: string, place: string): boolean => path.startsWith(place) && (path.length === place.length || path[place.length] === '/' || path[place.length] === '[')

/** The path of a place, of one of its items, or of a call inside, as it stands in the definition. */
export const withoutItems = (path: string): string => path.replaceAll(/\[\d+\]/g, '')
