import { checkNesting } from '../definition/check-track.ts'
import { isApproval, isComposite, isWait, runsOf, type CompositeTrackDefinition, type OrchestratorDefinition, type Schedule, type TrackDefinition, type TrackTaskDefinition } from '../definition/definition.ts'
import { labelText } from './label.ts'

/**
 * Draws a track or an orchestrator as a Mermaid flowchart: steps in order, sub-tracks and tracks side by side, an arrow
 * for each dependency. Names may hold any character. The same definition always gives the same text. Nothing is checked,
 * but a track that contains itself throws `DefinitionError`.
 */
export function toMermaid(definition: TrackDefinition | OrchestratorDefinition): string {
  checkNesting('tracks' in definition ? definition.tracks : [definition])
  const lines = 'tracks' in definition ? drawOrchestrator(definition) : drawTrack('t', definition, [labelText(definition.name)])
  return `flowchart TD\n${lines.map((line) => `  ${line}\n`).join('')}`
}

// Ids say where a thing stands, never what it is called: `t2_1` is the first step of the second track.

function drawOrchestrator({ name, tracks, schedule, trackDependencies = {}, onTrackFailure, finalTask }: OrchestratorDefinition): string[] {
  const ids = new Map(tracks.map((track, index) => [track.name, `t${index + 1}`]))
  const edges: string[] = []
  const waitedFor = new Set<string>()
  for (const [track, id] of ids) {
    const dependencies = (Object.hasOwn(trackDependencies, track) && trackDependencies[track]) || []
    const sources = dependencies.flatMap((dependency) => ids.get(dependency) ?? [])
    for (const source of sources) waitedFor.add(source)
    edges.push(...(sources.length > 0 ? sources : ['start']).map((source) => arrow(source, id)))
  }
  const ends = [...ids.values()].filter((id) => !waitedFor.has(id))
  return [
    `start([${label([labelText(name), ...scheduled(schedule), ...(onTrackFailure === 'continue' ? ['if a track fails, the rest goes on'] : [])])}])`,
    ...tracks.flatMap((track) => drawTrack(ids.get(track.name)!, track, [labelText(track.name)])),
    ...edges,
    ...(finalTask ? [`final[${label([labelText(finalTask.taskName), 'final task'])}]`, ...ends.map((id) => arrow(id, 'final'))] : []),
  ]
}

function drawTrack(id: string, track: TrackDefinition, title: readonly string[]): string[] {
  const steps = track.tasks.map((step, index) => ({ step, id: `${id}_${index + 1}` }))
  return [
    `subgraph ${id}[${label([...title, ...scheduled(track.schedule), ...(isComposite(track) ? atOnce(track.concurrency) : [])])}]`,
    ...indented([
      ...steps.flatMap((place) => drawStep(place.id, place.step)),
      ...steps.slice(1).map((place, index) => arrow(steps[index]!.id, place.id)),
      ...(isComposite(track) ? drawSubTracks(id, track, steps.at(-1)?.id) : []),
      ...(steps.length === 0 && !isComposite(track) ? [`${id}_0[${label(['hands its input on'])}]`] : []),
    ]),
    'end',
  ]
}

function drawSubTracks(id: string, { subTracks, mergeStrategy, mode }: CompositeTrackDefinition, after: string | undefined): string[] {
  const merge = `${id}_merge`
  const places = subTracks.map((track, index) => ({ track, id: `${id}_s${index + 1}` }))
  return [
    ...places.flatMap((place) => drawTrack(place.id, place.track, [labelText(place.track.name)])),
    `${merge}([${label([mode === 'race' ? 'the first that succeeds' : mergeStrategy ? 'merge' : 'outputs by name'])}])`,
    ...(after === undefined ? [] : places.map((place) => arrow(after, place.id))),
    ...places.map((place) => arrow(place.id, merge)),
  ]
}

function drawStep(id: string, step: TrackTaskDefinition): string[] {
  const name = runsOf(step)
  const lines = [labelText(name), ...(step.id !== undefined && step.id !== name ? [`as ${labelText(step.id)}`] : []), ...notes(step)]
  if (step.track) return drawTrack(id, step.track, lines)
  if (isApproval(step)) return [`${id}{{${label(lines)}}}`]
  if (isWait(step)) return [`${id}([${label(lines)}])`]
  return [step.forEach === undefined ? `${id}[${label(lines)}]` : `${id}[[${label(lines)}]]`]
}

function notes({ forEach, repeat, concurrency, when, onError, waitMs, approve, timeoutMs, onTimeout = 'fail' }: TrackTaskDefinition): string[] {
  return [
    ...(approve === undefined ? [] : ['asks', `within ${timeoutMs} ms, else ${typeof onTimeout === 'object' ? 'fall back' : onTimeout}`]),
    ...(forEach === undefined ? [] : [typeof forEach === 'string' ? `for each of ${labelText(forEach)}` : 'for each input', ...atOnce(concurrency)]),
    ...(repeat ? ['again until done', `at most ${repeat.maxTimes} times`] : []),
    ...(waitMs === undefined ? [] : [`${waitMs} ms`]),
    ...(when ? ['conditional'] : []),
    ...(onError === 'continue' ? ['on error, continue'] : []),
    ...(typeof onError === 'object' ? ['on error, fall back'] : []),
  ]
}

const scheduled = (schedule: Schedule | undefined): string[] => (schedule ? [`at ${labelText(schedule.cron)} ${labelText(schedule.timezone ?? 'UTC')}`] : [])
const atOnce = (concurrency: number | undefined): string[] => (concurrency === undefined ? [] : [`${concurrency} at once`])
const label = (lines: readonly string[]): string => `"${lines.join('<br/>')}"`
const arrow = (from: string, to: string): string => `${from} --> ${to}`
const indented = (lines: readonly string[]): string[] => lines.map((line) => `  ${line}`)
