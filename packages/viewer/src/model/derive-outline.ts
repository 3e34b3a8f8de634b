import type { Outline, StepOutline, TrackOutline } from '@track-orchestrator/core/in-process'
import type { RunModel } from './run-model.ts'

interface Growing {
  readonly path: string
  readonly name: string
  readonly at: number
  readonly steps: { readonly at: number; readonly part: StepOutline | Growing }[]
}

/** What a run is made of, as far as it was walked: for a run whose definition is not at hand. What waits for what between tracks is not known. */
export function deriveOutline(run: RunModel, name: string): Outline {
  const found = new Map<string, Growing>()
  const roots: Growing[] = []
  const finals: StepOutline[] = []
  const trackAt = (path: string): Growing | undefined => {
    const known = found.get(path)
    if (known) return known
    const track = run.tracks.get(path)
    if (!track) return undefined
    const made: Growing = { path, name: track.name, at: track.startedAt ?? 0, steps: [] }
    found.set(path, made)
    const parent = trackAt(path.slice(0, path.lastIndexOf('/')))
    if (parent) parent.steps.push({ at: made.at, part: made })
    else roots.push(made)
    return made
  }
  for (const path of run.tracks.keys()) trackAt(path)
  for (const { path, step, taskName, nested, itemCount, readyAt } of run.steps.values()) {
    if (nested || path.endsWith(']')) continue
    const outline: StepOutline = { kind: 'step', path, step, taskName, ...(itemCount !== undefined && { repeats: true }) }
    const track = trackAt(path.slice(0, path.lastIndexOf('/')))
    if (track) track.steps.push({ at: readyAt, part: outline })
    else finals.push(outline)
  }
  const [root] = roots
  if (roots.length === 1 && root!.path === name && finals.length === 0) return outlineOf(root!)
  const [finalStep] = finals
  return { kind: 'orchestrator', path: name, name, tracks: roots.map(outlineOf), dependencies: {}, ...(finalStep && { finalStep }) }
}

const outlineOf = ({ path, name, steps }: Growing): TrackOutline => ({ kind: 'track', path, name, steps: steps.toSorted((a, b) => a.at - b.at).map(({ part }) => ('kind' in part ? part : outlineOf(part))) })
