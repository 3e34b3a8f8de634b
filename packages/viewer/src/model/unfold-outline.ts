import type { Outline, StepOutline, TrackOutline } from '@track-orchestrator/core/in-process'
import type { RunModel } from './run-model.ts'

/**
 * The outline of one run: of a step that repeats a track, each time that there was stands in it, one after the other; of a step that runs a track for each
 * item, each item, side by side, where they are no more than `mostItems`. Where none has begun yet, the definition stands as it is.
 */
export function unfoldOutline(outline: Outline, run: RunModel, mostItems = Number.POSITIVE_INFINITY): Outline {
  let numbers: ReadonlyMap<string, readonly number[]> | undefined
  const unfold = (track: TrackOutline): TrackOutline => {
    const seen = track.again || track.repeats ? ((numbers ??= numbersIn(run)).get(track.path) ?? []) : []
    if (seen.length === 0 || (track.repeats && seen.length > mostItems)) return withParts(track, unfold)
    const { kind, path, name, again, repeats, ...parts } = track
    const each = seen.map((number) => unfold({ ...placedAt({ kind, path, name, ...parts }, path, `${path}[${number}]`), name: `[${number}]` }))
    return { kind, path, name, ...(repeats && { repeats }), ...(again && { again }), steps: again ? each : [], ...(repeats && { subTracks: each }) }
  }
  return outline.kind === 'track' ? unfold(outline) : { ...outline, tracks: outline.tracks.map(unfold) }
}

/** The numbers of times and items that are tracks, by the paths of their steps, in order. */
function numbersIn({ tracks }: RunModel): Map<string, number[]> {
  const found = new Map<string, number[]>()
  for (const path of tracks.keys()) {
    const [, step, number] = /^(.*)\[(\d+)\]$/.exec(path) ?? []
    if (step === undefined) continue
    const known = found.get(step)
    if (known) known.push(Number(number))
    else found.set(step, [Number(number)])
  }
  for (const numbers of found.values()) numbers.sort((a, b) => a - b)
  return found
}

function withParts(track: TrackOutline, change: (inner: TrackOutline) => TrackOutline): TrackOutline {
  const steps = track.steps.map((step) => (step.kind === 'track' ? change(step) : step))
  return { ...track, steps, ...(track.subTracks && { subTracks: track.subTracks.map(change) }) }
}

/** The same at another path. */
function placedAt(track: TrackOutline, from: string, to: string): TrackOutline {
  const moved = <Part extends StepOutline | TrackOutline>(part: Part): Part => ({ ...part, path: to + part.path.slice(from.length) })
  const inside = (part: TrackOutline): TrackOutline => withParts({ ...moved(part), steps: part.steps.map((step) => (step.kind === 'step' ? moved(step) : step)) }, inside)
  return inside(track)
}
