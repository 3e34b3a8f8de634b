import { DefinitionError, type Registry } from '@track-orchestrator/registry'
import { checkAcyclic } from './check-acyclic.ts'
import { checkName, checkTaskName, checkUnique } from './check-name.ts'
import { isComposite, type TrackDefinition, type TrackTaskDefinition } from './definition.ts'

/**
 * Throws `DefinitionError` where a track, or a track inside it, cannot be run as it is written: an unknown task, a doubled
 * id or name, settings that contradict each other. Cost grows with the number of steps; keep the answer, definitions do not change.
 */
export function checkTrack(registry: Registry, track: TrackDefinition): void {
  checkTracks(registry, [track])
}

/** As `checkTrack`, for many: a track that stands in several places is looked at once. */
export function checkTracks(registry: Registry, tracks: readonly TrackDefinition[]): void {
  const all = new Set(tracks)
  for (const track of all) {
    checkOne(registry, track)
    for (const inner of innerTracks(track)) all.add(inner) // the loop comes to these, too
  }
  checkNesting(all)
}

/** Throws `DefinitionError` where a track, by way of others or not, contains itself. */
export function checkNesting(tracks: Iterable<TrackDefinition>): void {
  checkAcyclic(
    tracks,
    innerTracks,
    ({ name }) => name,
    (cycle) => `A track cannot contain itself: ${cycle}. Take it out of one of them.`,
  )
}

function innerTracks(track: TrackDefinition): TrackDefinition[] {
  const inner = track.tasks.flatMap((step) => step.track ?? [])
  return isComposite(track) ? [...inner, ...track.subTracks] : inner
}

function checkOne(registry: Registry, track: TrackDefinition): void {
  checkName('A track', track.name)
  const ids = new Set<string>()
  for (const [index, step] of track.tasks.entries()) {
    const where = `Track "${track.name}", step ${index + 1}`
    checkStep(registry, where, step)
    const id = step.id ?? step.track?.name ?? step.taskName
    checkName(`${where}: the id`, id)
    if (ids.has(id)) throw new DefinitionError(`${where}: an earlier step has the id "${id}", too. Give this one an id of its own.`)
    ids.add(id)
  }
  if (!isComposite(track)) return
  const where = `Composite track "${track.name}"`
  for (const { name } of track.subTracks) checkName(`${where}: a sub-track`, name)
  checkUnique(
    `${where}: two sub-tracks`,
    track.subTracks.map(({ name }) => name),
  )
  checkConcurrency(where, track.concurrency)
}

function checkStep(registry: Registry, where: string, step: TrackTaskDefinition): void {
  if (step.track) checkTrackStep(where, step, step.track)
  else checkTaskName(registry, where, step.taskName)
  if (typeof step.forEach === 'function' && step.inputMapper) {
    throw new DefinitionError(
      `${where}: a forEach function returns the inputs itself, so the inputMapper beside it would not be asked. ` +
        `Map inside the function, or name the list: forEach: 'key'.`,
    )
  }
  if (step.concurrency !== undefined && step.forEach === undefined) {
    throw new DefinitionError(`${where}: concurrency without forEach says nothing: the step runs once. Take it away, or add forEach.`)
  }
  checkConcurrency(where, step.concurrency)
}

function checkTrackStep(where: string, step: TrackTaskDefinition, track: TrackDefinition): void {
  checkName(`${where}: the track`, track.name)
  if (step.taskName && step.taskName !== track.name) {
    throw new DefinitionError(`${where} runs the track "${track.name}" but names the task "${step.taskName}". Keep one of the two.`)
  }
  if (step.retry !== undefined || step.timeoutMs !== undefined) {
    throw new DefinitionError(`${where} runs the track "${track.name}": retry and timeoutMs are for tasks. Give them to the steps inside.`)
  }
}

function checkConcurrency(where: string, concurrency: number | undefined): void {
  if (concurrency === undefined || (Number.isInteger(concurrency) && concurrency > 0)) return
  throw new DefinitionError(`${where}: concurrency must be a whole number from 1 up, not ${String(concurrency)}.`)
}
