import type { TaskContract } from '@track-orchestrator/registry'
import type { CompiledOrchestrator } from './compile-orchestrator.ts'
import type { CompiledTrack } from './compile-track.ts'

/** A step in a definition, as people name it. */
export interface StepPlace {
  /** As in `TaskCall.path`, without the numbers of items and times. */
  readonly path: string
  readonly step: string
  /** It runs once for each item. */
  readonly repeats: boolean
  /** It runs again until that is enough: a time comes after those with lower numbers. */
  readonly again?: boolean
  /** The paths of all that comes after it, and may be given what it makes: steps, tracks, the final task. Of a track the path of the whole. */
  readonly later: () => string[]
}

/** Where a task is called in a definition. */
export interface Place extends StepPlace {
  readonly track: string
  readonly taskName: string
  /** Where it asks for an answer: whose output that is. */
  readonly asks?: TaskContract | undefined
  /** The steps that are tracks and that it is part of, the outermost first. */
  readonly inside: readonly StepPlace[]
}

/** The places of a track, those of tracks inside too, in the order in which they are walked. `path`: the track's own. */
export function placesOfTrack({ definition, steps, composite }: CompiledTrack, path: string, afterIt: () => string[] = () => [], inside: readonly StepPlace[] = []): Place[] {
  const stepPaths = steps.map(({ segment }) => `${path}/${segment}`)
  const subTracks = composite?.subTracks ?? []
  const subPaths = subTracks.map((track) => `${path}/${track.definition.name}`)
  const inSteps = steps.flatMap(({ track, id, taskName, asks, contract, definition: { forEach, repeat } }, index) => {
    const later = () => [...stepPaths.slice(index + 1), ...subPaths, ...afterIt()]
    const place = { path: stepPaths[index]!, step: id, repeats: forEach !== undefined, later }
    if (track) return placesOfTrack(track, place.path, later, [...inside, { ...place, ...(repeat && { again: true }) }])
    return [{ ...place, track: definition.name, taskName, ...(asks && { asks: contract }), inside }]
  })
  return [...inSteps, ...subTracks.flatMap((track, index) => placesOfTrack(track, subPaths[index]!, afterIt, inside))]
}

/** The paths of the sub-tracks of races in a track. `path`: the track's own. */
export function racedIn({ steps, composite }: CompiledTrack, path: string): string[] {
  const inSteps = steps.flatMap(({ track, segment }) => (track ? racedIn(track, `${path}/${segment}`) : []))
  const subTracks = (composite?.subTracks ?? []).map((track) => ({ track, own: `${path}/${track.definition.name}` }))
  return [...inSteps, ...subTracks.flatMap(({ track, own }) => (composite!.definition.mode === 'race' ? [own] : racedIn(track, own)))]
}

/** The places of an orchestrator: those of its tracks, and its final task. */
export function placesOfOrchestrator({ definition, tracks, graph, finalStep }: CompiledOrchestrator): Place[] {
  const { name } = definition
  const paths = graph.names.map((track) => `${name}/${track}`)
  const final = finalStep ? [{ path: `${name}/${finalStep.segment}`, track: name, step: finalStep.id, taskName: finalStep.taskName, repeats: false, later: () => [], inside: [] }] : []
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

/**
 * Whether the path is that of the place, or of what is inside. Where a step of the place has no number, each of its items and times is meant; `fromTimeOn` means
 * one time and those after it.
 */
export function isAtOrBelow(path: string, place: string): boolean {
  const [parts, wanted] = [path.split('/'), place.split('/')]
  return wanted.length <= parts.length && wanted.every((part, depth) => isPart(parts[depth]!, part))
}

/** Whether the path is that of the place. */
export const isAt = (path: string, place: string): boolean => isAtOrBelow(path, place) && depthOf(path) === depthOf(place)

/** Whether something of the place may be at the path or below it. */
export function mayBeBelow(place: string, path: string): boolean {
  const [parts, around] = [place.split('/'), path.split('/')]
  return around.length <= parts.length && around.every((part, depth) => isPart(part, parts[depth]!) || isPart(parts[depth]!, part))
}

function isPart(part: string, wanted: string): boolean {
  if (part === wanted) return true
  const [, name, number] = /^(.*)\[(\d+)\]$/.exec(part) ?? []
  if (name === undefined || !wanted.startsWith(name)) return false
  const [, first] = /^\[(\d+)\+\]$/.exec(wanted.slice(name.length)) ?? []
  return wanted === name || (first !== undefined && Number(number) >= Number(first))
}

/** A time of a step that runs again, and all after it. */
export const fromTimeOn = (step: string, time: number): string => `${step}[${time}+]`

/** How many names stand in the path. */
export const depthOf = (path: string): number => path.split('/').length

/** The path of a place, of one of its items, or of a call inside, as it stands in the definition. */
export const withoutItems = (path: string): string => (path.includes('[') ? path.replaceAll(/\[\d+\]/g, '') : path)
