import type { Outline, StepOutline, TrackOutline } from '@track-orchestrator/core/in-process'
import type { RunModel, StepModel, TrackModel } from './run-model.ts'

/** A line of the timeline. */
export interface Row {
  readonly path: string
  readonly label: string
  readonly depth: number
  readonly kind: 'track' | 'step' | 'item' | 'call'
  /** Missing where it was not come to. */
  readonly step?: StepModel
  readonly track?: TrackModel
  /** It holds others: how many. */
  readonly inside: number
  readonly isOpen: boolean
  /** It waits for a time. */
  readonly waits?: boolean
}

/**
 * The lines of a run in the order of its definition: tracks, the steps in them, and, where a line is open, the items of a `forEach` and the
 * calls of a handler. What ran and stands in the definition no more comes last.
 */
export function rowsOf(outline: Outline, run: RunModel, isOpen: (path: string, kind: Row['kind']) => boolean): Row[] {
  const rows: Row[] = []
  const shown = new Set<string>()

  const addStep = (path: string, label: string, depth: number, kind: Row['kind'], waits = false) => {
    const step = run.steps.get(path)
    shown.add(path)
    const inside = step?.children.length ?? 0
    const opened = inside > 0 && isOpen(path, kind)
    rows.push({ path, label, depth, kind, inside, isOpen: opened, ...(step && { step }), ...(waits && { waits }) })
    if (!opened) return
    for (const child of step!.children) addStep(child.path, child.path.endsWith(']') ? child.path.slice(child.path.lastIndexOf('[')) : child.taskName, depth + 1, child.nested ? 'call' : 'item')
  }
  const addTrack = ({ path, name, steps, subTracks = [] }: TrackOutline, depth: number) => {
    const track = run.tracks.get(path)
    const whole = track ? undefined : run.steps.get(path) // of its times, or items, each is a track
    shown.add(path)
    const opened = isOpen(path, 'track')
    rows.push({ path, label: name, depth, kind: 'track', inside: steps.length + subTracks.length, isOpen: opened, ...(track && { track }), ...(whole && { step: whole }) })
    if (!opened) return markShown(steps, subTracks)
    for (const step of steps) add(step, depth + 1)
    for (const sub of subTracks) addTrack(sub, depth + 1)
  }
  const add = (part: StepOutline | TrackOutline, depth: number) => (part.kind === 'track' ? addTrack(part, depth) : addStep(part.path, part.step, depth, 'step', part.waits))
  const markShown = (steps: readonly (StepOutline | TrackOutline)[], subTracks: readonly TrackOutline[]) => {
    for (const part of [...steps, ...subTracks]) {
      shown.add(part.path)
      if (part.kind === 'track') markShown(part.steps, part.subTracks ?? [])
    }
  }

  if (outline.kind === 'track') addTrack(outline, 0)
  else {
    for (const track of outline.tracks) addTrack(track, 0)
    if (outline.finalStep) addStep(outline.finalStep.path, outline.finalStep.step, 0, 'step')
  }
  for (const step of run.steps.values()) if (!step.nested && !step.path.endsWith(']') && !shown.has(step.path)) addStep(step.path, step.path, 0, 'step')
  return rows
}
