import type { RunEvent, RunLog } from '@track-orchestrator/core'
import { describeEvent } from '@track-orchestrator/core/console'
import { logger, metadata } from '@trigger.dev/sdk'

/** What ends sooner has one line, that of its end. Milliseconds. */
const quickMs = 250

/** So many steps stand in one line at most. */
const mostInLine = 25

type StepDone = RunEvent & { readonly type: 'step.succeeded' }

/**
 * The events of one attempt, shown where Trigger.dev shows things: as log lines of the run, and progress as run metadata (for Realtime).
 * In development each line is a request, so what is quick is told together: before a line of something else, before the run waits, or after
 * a moment. `ownPath`: of the track that is all that this run walks, where it is part of another walk: as the run begins and ends, so does
 * the track, and neither is told in a line beside.
 */
export function createTriggerLog({ ownPath }: { readonly ownPath?: string } = {}): RunLog {
  /** What is not told yet, in its order; by what it is the beginning of, or its own. */
  let waiting: { readonly begins: string | undefined; readonly event: RunEvent }[] = []
  let timer: NodeJS.Timeout | undefined
  const tellWaiting = () => {
    clearTimeout(timer)
    timer = undefined
    const events = waiting.map(({ event }) => event)
    waiting = []
    for (const group of groupsOf(events)) tellTogether(group)
  }
  const hold = (event: RunEvent, begins?: string) => {
    waiting.push({ begins, event })
    timer ??= setTimeout(tellWaiting, quickMs).unref()
  }
  const write = (event: RunEvent) => {
    if (event.type === 'step.progress') {
      metadata.set('progress', { fraction: event.fraction, note: event.note ?? '', step: event.step, track: event.track })
      return
    }
    if (isToldByRun(event, ownPath)) return
    const key = keyOf(event)
    if (event.type.endsWith('.started')) return hold(event, key)
    const place = event.type === 'log' || event.type === 'step.retrying' ? -1 : waiting.findIndex(({ begins }) => begins === key)
    if (place >= 0) waiting.splice(place, 1)
    if (place >= 0 && isQuick(event)) return hold(event)
    tellWaiting()
    tell(event)
  }
  return {
    write,
    flush: async () => {
      tellWaiting()
      await metadata.flush().catch(() => {})
    },
  }
}

function isQuick(event: RunEvent): event is StepDone {
  return event.type === 'step.succeeded' && Object.keys(event.metadata ?? {}).length === 0
}

/** Steps of one track that ended one after the other go into one line. */
function groupsOf(events: readonly RunEvent[]): RunEvent[][] {
  const groups: RunEvent[][] = []
  for (const event of events) {
    const last = groups.at(-1)
    const [first] = last ?? []
    if (last && first && last.length < mostInLine && isQuick(first) && isQuick(event) && !first.nested && !event.nested && parentOf(first) === parentOf(event)) last.push(event)
    else groups.push([event])
  }
  return groups
}

/** The path of the track that the step stands in. */
const parentOf = ({ path }: StepDone): string => path.slice(0, path.lastIndexOf('/'))

function tellTogether(events: readonly RunEvent[]): void {
  const [first] = events as [RunEvent]
  if (events.length === 1 || !isQuick(first)) return tell(first)
  const steps = (events as readonly StepDone[]).map(({ path, step, taskName, at, durationMs }) => ({ path, step, taskName, at, durationMs }))
  const durationMs = steps.reduce((sum, step) => sum + step.durationMs, 0)
  const { type, track } = first
  logger.info(lineOf({ ...first, step: steps.map(nameOf).join(', '), durationMs }), { type, track, durationMs, steps })
}

/** An item of a step is told with its number. */
function nameOf({ step, path }: Pick<StepDone, 'step' | 'path'>): string {
  const own = path.slice(path.lastIndexOf('/') + 1)
  return own.startsWith(`${step}[`) ? own : step
}

/** The run's own track begins and ends with the run. A part of another walk that has failed is a run that succeeded, for its key's sake: that is told. */
function isToldByRun(event: RunEvent, ownPath: string | undefined): boolean {
  if (!event.type.startsWith('track.') || !('path' in event)) return false
  return event.path === event.runName || (event.path === ownPath && event.type !== 'track.failed')
}

function keyOf(event: RunEvent): string {
  const what = event.type.slice(0, event.type.indexOf('.'))
  return what === 'run' ? what : `${what} ${'path' in event ? event.path : ''} ${'step' in event ? event.step : ''}`
}

function tell(event: RunEvent): void {
  if (event.type === 'log') {
    logger[event.level](event.message, { ...event.fields })
    return
  }
  // What the run's tags and metadata say already is not said again on each of its lines. `at` is: a line may come a moment later.
  const { id: _id, sequence: _sequence, runId: _runId, runName: _runName, tenantId: _tenant, projectId: _project, userId: _user, kept: _kept, ...facts } = event
  const failed = event.type.endsWith('.failed') || event.type === 'step.retrying'
  logger[failed ? 'warn' : 'info'](lineOf(event), facts)
}

/** The dashboard shows a line by its message alone: so that names what it tells of. */
export function lineOf(event: RunEvent): string {
  if ('nested' in event && event.nested && event.path !== undefined) {
    // A task that a handler asked for: `3:transcode_part` is its fourth.
    const [, number, task] = /([0-9]+):([^/]*)$/.exec(event.path) ?? []
    const told = describeEvent({ ...event, nested: false }, 'debug')
    if (told !== undefined && number !== undefined) return told.replace(': ', ` > ${task} ${Number(number) + 1}: `)
  }
  const told = describeEvent(event, 'debug')
  if (told !== undefined) return told
  return 'track' in event && event.track !== undefined ? `${event.track}: ${event.type.slice(event.type.indexOf('.') + 1)}` : event.type
}
