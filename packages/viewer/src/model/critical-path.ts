import type { Outline, StepOutline, TrackOutline } from '@track-orchestrator/core/in-process'
import type { RunModel, StepModel } from './run-model.ts'

/** The steps that made the run as long as it was: each was waited for by the next. */
export interface CriticalPath {
  /** From the first to the last. */
  readonly steps: readonly StepModel[]
  /** From the beginning of the first to the end of the last, and what it was spent on, in milliseconds. */
  readonly totalMs: number
  readonly runMs: number
  /** Waits between attempts. */
  readonly retryMs: number
  /** Of steps that wait for a time. */
  readonly pauseMs: number
  /** Everything else: waits for a place, and what lies between steps. */
  readonly waitMs: number
}

/** By time, `endedAt` or now for what goes on. */
export function criticalPath(outline: Outline, run: RunModel, now: number): CriticalPath {
  const tracks = new Set(tracksOf(outline).map(({ path }) => path))
  const [before, pauses] = [predecessors(outline), new Set(stepsOf(outline).flatMap(({ path, waits }) => (waits ? [path] : [])))]
  // What was called off held up nothing, unless the whole run was.
  const counts = ({ status }: StepModel) => status !== 'skipped' && status !== 'waiting' && (status !== 'cancelled' || run.status === 'cancelled')
  const endOf = (step: StepModel) => step.endedAt ?? now
  const lastOf = (steps: readonly (StepModel | undefined)[]) => {
    let last: StepModel | undefined
    for (const step of steps) if (step && counts(step) && (!last || endOf(step) > endOf(last))) last = step
    return last
  }
  const steps: StepModel[] = []
  const seen = new Set<string>()
  let step = lastOf([...run.steps.values()].filter(({ nested, path }) => !nested && !path.endsWith(']') && !tracks.has(path)))
  while (step && !seen.has(step.path)) {
    seen.add(step.path)
    steps.unshift(step)
    step = lastOf(comesBefore(step.path, before, run))
  }
  const [first] = steps
  if (!first) return { steps, totalMs: 0, runMs: 0, retryMs: 0, pauseMs: 0, waitMs: 0 }
  const totalMs = endOf(steps.at(-1)!) - first.readyAt
  const retryMs = sum(steps.flatMap(({ attempts }) => attempts.map(({ delayMs = 0 }) => delayMs)))
  const spentIn = (some: readonly StepModel[]) => sum(some.map((one) => endOf(one) - (one.startedAt ?? one.readyAt)))
  const pauseMs = spentIn(steps.filter(({ path }) => pauses.has(path)))
  const runMs = spentIn(steps) - pauseMs - retryMs
  return { steps, totalMs, runMs, retryMs, pauseMs, waitMs: Math.max(0, totalMs - runMs - retryMs - pauseMs) }
}

const sum = (numbers: readonly number[]): number => numbers.reduce((total, number) => total + number, 0)

/** Through steps that were skipped, or never run: what is before them. */
function comesBefore(path: string, before: ReadonlyMap<string, readonly string[]>, run: RunModel, seen = new Set<string>()): (StepModel | undefined)[] {
  return (before.get(path) ?? []).flatMap((earlier) => {
    if (seen.has(earlier)) return []
    seen.add(earlier)
    const step = run.steps.get(earlier)
    return step && step.status !== 'skipped' ? [step] : comesBefore(earlier, before, run, seen)
  })
}

/** All steps of a definition. */
function stepsOf(outline: Outline): StepOutline[] {
  const inside = (part: StepOutline | TrackOutline): StepOutline[] => (part.kind === 'step' ? [part] : [...part.steps.flatMap(inside), ...(part.subTracks ?? []).flatMap(inside)])
  return outline.kind === 'track' ? inside(outline) : [...outline.tracks.flatMap(inside), ...(outline.finalStep ? [outline.finalStep] : [])]
}

/** All tracks of a definition. Those that are steps hold nothing up by themselves: what is in them does. */
function tracksOf(outline: Outline): TrackOutline[] {
  const inside = (part: StepOutline | TrackOutline): TrackOutline[] => (part.kind === 'step' ? [] : [part, ...part.steps.flatMap(inside), ...(part.subTracks ?? []).flatMap(inside)])
  return outline.kind === 'track' ? inside(outline) : outline.tracks.flatMap(inside)
}

/** Of each step, by their paths: the steps that it waits for. */
export function predecessors(outline: Outline): Map<string, readonly string[]> {
  const before = new Map<string, readonly string[]>()
  /** Gives the steps in which the part ends. */
  const walk = (part: StepOutline | TrackOutline, starts: readonly string[]): readonly string[] => {
    if (part.kind === 'step') {
      before.set(part.path, starts)
      return [part.path]
    }
    let ends = starts
    for (const step of part.steps) ends = walk(step, ends)
    const { subTracks = [] } = part
    return subTracks.length === 0 ? ends : subTracks.flatMap((track) => walk(track, ends))
  }
  if (outline.kind === 'track') {
    walk(outline, [])
    return before
  }
  const byName = new Map(outline.tracks.map((track) => [track.name, track]))
  const endsOf = new Map<string, readonly string[]>()
  const ends = (name: string): readonly string[] => {
    const known = endsOf.get(name)
    if (known) return known
    endsOf.set(name, [])
    const track = byName.get(name)
    const starts = ((Object.hasOwn(outline.dependencies, name) && outline.dependencies[name]) || []).flatMap(ends)
    const found = track ? walk(track, starts) : []
    endsOf.set(name, found)
    return found
  }
  const all = outline.tracks.map(({ name }) => ends(name))
  if (outline.finalStep) before.set(outline.finalStep.path, all.flat())
  return before
}
