import type { Attempt, RunModel, StepModel, StepStatus, TrackModel } from './run-model.ts'
import type { ViewedEvent } from './wire.ts'

/** A run of which nothing is known yet. */
export function emptyRun(): RunModel {
  return { status: 'running', startedAt: 0, tracks: new Map(), steps: new Map(), logs: [], lastAt: 0 }
}

/** Takes events into the run: it is changed in place, since a live run has tens of thousands. */
export function foldEvents(run: RunModel, events: readonly ViewedEvent[]): void {
  for (const event of events) {
    if (run.startedAt === 0) run.startedAt = event.at
    run.lastAt = Math.max(run.lastAt, event.at)
    foldEvent(run, event)
  }
}

function foldEvent(run: RunModel, event: ViewedEvent): void {
  if (event.type === 'log') {
    const { at, level, message, path, fields } = event
    run.logs.push({ at, level, message, ...(path !== undefined && { path }), ...(fields && { fields }) })
    const step = path === undefined ? undefined : run.steps.get(path)
    if (step) step.logCount++
  } else if (event.type.startsWith('run.')) foldRunEvent(run, event)
  else if (event.type.startsWith('track.')) foldTrackEvent(run, event)
  else foldStepEvent(run, event)
}

function foldRunEvent(run: RunModel, event: ViewedEvent): void {
  if (event.type === 'run.started' || event.type === 'run.resumed') {
    run.status = 'running'
    delete run.endedAt
    delete run.error
  } else if (event.type === 'run.succeeded' || event.type === 'run.failed' || event.type === 'run.cancelled') endRun(run, event.type.slice('run.'.length) as RunModel['status'], event)
  else if (event.type === 'run.ended') endRun(run, event.status, event)
}

function endRun(run: RunModel, status: RunModel['status'], event: { readonly at: number; readonly error?: RunModel['error']; readonly costs?: RunModel['costs']; readonly output?: string }): void {
  run.status = status
  run.endedAt ??= event.at
  if (event.error) run.error = event.error
  if (event.costs) run.costs = event.costs
  if (event.output !== undefined) run.output = event.output
  // What was under way when the run ended was called off.
  if (status === 'succeeded') return
  for (const step of run.steps.values()) if (isUnderWay(step.status)) end(step, 'cancelled', event.at)
  for (const track of run.tracks.values()) if (isUnderWay(track.status)) end(track, 'cancelled', event.at)
}

export const isUnderWay = (status: StepStatus): boolean => status === 'running' || status === 'waiting' || status === 'retrying'

function end(ended: StepModel | TrackModel, status: StepStatus, at: number): void {
  ended.status = status
  ended.endedAt = at
}

function foldTrackEvent(run: RunModel, event: ViewedEvent): void {
  if (!('path' in event) || !('track' in event) || event.path === undefined) return
  const { path, track: name, at } = event
  let track = run.tracks.get(path)
  if (!track) run.tracks.set(path, (track = { path, name, status: 'waiting' }))
  if ('costs' in event && event.costs) track.costs = event.costs
  switch (event.type) {
    case 'track.started':
      track.status = 'running'
      track.startedAt = at
      delete track.endedAt
      delete track.error
      return
    case 'track.skipped':
      track.because = event.because
      return end(track, 'skipped', at)
    case 'track.failed':
      track.error = event.error
      return end(track, 'failed', at)
    case 'track.succeeded':
      return end(track, 'succeeded', at)
    case 'track.cancelled':
      return end(track, 'cancelled', at)
    default:
  }
}

function foldStepEvent(run: RunModel, event: ViewedEvent): void {
  if (!('path' in event) || event.path === undefined) return
  const { at, path } = event
  const step = stepAt(run, event as PlacedEvent)
  if (!step) return
  if ('costs' in event && event.costs) step.costs = event.costs
  switch (event.type) {
    case 'step.started':
      Object.assign(step, { status: 'running', readyAt: at, ...(event.itemCount !== undefined && { itemCount: event.itemCount }), ...(event.input !== undefined && { input: event.input }) })
      // It finished in an earlier process: where it is not called now, it is reused.
      if (step.output !== undefined) step.reused = true
      delete step.endedAt
      delete step.error
      return
    case 'call.started':
      Object.assign(step, { status: 'running', startedAt: at, ...(event.why && { why: event.why, whyText: event.whyText }), ...(event.asks && { asksUntil: (event.asks.askedAt ?? at) + event.asks.timeoutMs }), ...(event.input !== undefined && { input: event.input }) })
      delete step.endedAt
      delete step.error
      delete step.reused
      step.attempts.length = 0
      step.attempts.push({ number: 1, startedAt: at })
      return
    case 'step.progress':
      step.progress = event.fraction
      return
    case 'step.retrying': {
      const { attempt, delayMs, error } = event
      Object.assign(lastAttempt(step, attempt), { endedAt: at, error, delayMs })
      step.attempts.push({ number: attempt + 1, startedAt: at + delayMs })
      step.status = 'retrying'
      return
    }
    case 'call.succeeded':
      if (event.metadata && Object.keys(event.metadata).length > 0) step.metadata = event.metadata
      if (event.takenFrom !== undefined) step.takenFrom = event.takenFrom
      if (event.output !== undefined) step.output = event.output
      lastAttempt(step, event.attempt).endedAt = at
      return end(step, 'succeeded', at)
    case 'step.succeeded':
      if (event.metadata && Object.keys(event.metadata).length > 0) step.metadata = event.metadata
      if (event.output !== undefined) step.output = event.output
      if (step.itemCount === undefined && !step.reused) lastAttempt(step, event.attempt).endedAt ??= at
      if (step.itemCount !== undefined) step.reused = step.children.length > 0 && step.children.every((child) => (child.startedAt ?? 0) < step.readyAt)
      return end(step, 'succeeded', at)
    case 'call.failed':
    case 'step.failed':
      Object.assign(lastAttempt(step, event.attempt), { endedAt: at, error: event.error })
      step.error = event.error
      if ('handled' in event) step.handled = event.handled
      // It was told to stop: by a person, by the failure of what runs beside it, by the winner of a race.
      return end(step, event.error.code === 'cancelled' ? 'cancelled' : 'failed', at)
    case 'step.skipped':
      return end(step, 'skipped', at)
    default:
      void path
  }
}

function lastAttempt(step: StepModel, number: number): Attempt {
  const known = step.attempts.find((attempt) => attempt.number === number)
  if (known) return known
  const made = { number, startedAt: step.attempts.at(-1)?.endedAt ?? step.startedAt ?? step.readyAt }
  step.attempts.push(made)
  return made
}

interface PlacedEvent {
  readonly at: number
  readonly path: string
  readonly track?: string
  readonly step?: string
  readonly taskName?: string
  readonly nested?: boolean
}

/** The step of an event, made where it is not known and the event says what it is. */
function stepAt(run: RunModel, { at, path, track, step: name, taskName, nested = false }: PlacedEvent): StepModel | undefined {
  const known = run.steps.get(path)
  if (known) return known
  if (track === undefined || name === undefined || taskName === undefined) return undefined
  const parent = run.steps.get(parentPath(path))
  const made: StepModel = { path, track, step: name, taskName, nested, status: 'waiting', readyAt: at, attempts: [], children: [], logCount: 0 }
  // An item could have begun as soon as its step did.
  if (parent && path.endsWith(']')) made.readyAt = parent.readyAt
  run.steps.set(path, made)
  parent?.children.push(made)
  return made
}

/** Of an item its step; of a call by a handler the step, or the item, of the handler. */
export function parentPath(path: string): string {
  if (path.endsWith(']')) return path.slice(0, path.lastIndexOf('['))
  return path.slice(0, path.lastIndexOf('/'))
}
