import { redactValue, type ErrorJson } from '@track-orchestrator/registry'
import type { ViewedEvent } from '../../model/wire.ts'
import type { TriggerRun } from './trigger-local.ts'
import { endOfTrack, errorOf, inputOf, metadataOf, outputOf, placeOf, type TriggerPlace } from './trigger-place.ts'

/** What happened, under a key that it keeps: told once, it is not told again. */
export interface KeyedEvent {
  readonly key: string
  readonly event: ViewedEvent
}

export type Kind = 'track' | 'orchestrator' | 'task'

/** So long an end waits for the lines of earlier attempts, which processes send some seconds late, in milliseconds. */
const linesWithinMs = 10_000

type Facts = Record<string, unknown>
const isRecord = (value: unknown): value is Facts => typeof value === 'object' && value !== null && !Array.isArray(value)
const timeOf = (date: string | undefined): number => (date === undefined ? 0 : Date.parse(date))
const statusEvents: ReadonlySet<unknown> = new Set(['track.started', 'track.succeeded', 'track.failed', 'track.cancelled', 'track.skipped', 'step.started', 'step.retrying', 'step.succeeded', 'step.failed', 'step.skipped'])

/** What the lines of a run tell as trigger-engine writes them: events of tracks and steps, and what handlers said. */
function linesOf(run: TriggerRun): { readonly events: readonly Facts[]; readonly said: TriggerRun['logs']; readonly kind: unknown } {
  const events: Facts[] = []
  const said: TriggerRun['logs'][number][] = []
  let kind: unknown
  for (const line of run.logs) {
    const facts = isRecord(line.fields) ? line.fields : {}
    const { type } = facts
    if (typeof type === 'string' && type.startsWith('run.')) kind ??= facts['kind']
    else if (type === 'step.succeeded' && Array.isArray(facts['steps'])) for (const step of facts['steps']) events.push({ type, track: facts['track'], nested: false, attempt: 1, ...(step as Facts) })
    else if (statusEvents.has(type) && typeof facts['path'] === 'string' && typeof facts['track'] === 'string') events.push({ at: timeOf(line.at), ...facts })
    else said.push(line)
  }
  return { events, said, kind }
}

/** What a run of a track, an orchestrator or a task is, as far as its runs and lines tell. */
export function kindOf(runs: readonly TriggerRun[]): Kind | undefined {
  const [root] = runs as [TriggerRun]
  const { kind } = linesOf(root)
  if (kind === 'track' || kind === 'orchestrator' || kind === 'task') return kind
  for (const run of runs) {
    const place = placeOf(run)
    if (place.kind === 'track' && place.ownerPath === root.task) return place.owner === 'orchestrator' ? 'orchestrator' : 'track'
    if (place.kind === 'call' && place.parentPath === root.task) return place.path.slice(place.parentPath.length).startsWith('/final:') ? 'orchestrator' : 'track'
  }
  return undefined
}

/**
 * All that is known to have happened in a tree of runs, in order. `isHeld`: more is known already, and told a moment later.
 * A run of Trigger.dev tells by itself when it was made, begun and ended; its lines tell the rest, and arrive late.
 */
export function eventsOfTree(runs: readonly TriggerRun[], known: Kind | undefined, now: number): { readonly events: readonly KeyedEvent[]; readonly isHeld: boolean } {
  const found = new Map<string, ViewedEvent>()
  let isHeld = false
  const add = (event: Facts & { readonly type: string; readonly at: number; readonly path?: string }, key = `${event.type} ${event.path ?? ''}`) => found.has(key) || found.set(key, event as unknown as ViewedEvent)
  const [root] = runs as [TriggerRun]
  const kind = known ?? kindOf(runs)
  const places = new Map(runs.map((run) => [run.id, placeOf(run)]))
  const isWalk = kind === 'track' || kind === 'orchestrator' || [...places.values()].some((place) => place.kind !== 'root')

  add({ type: 'run.started', at: timeOf(root.createdAt), ...(kind && { kind }) })
  if (kind === 'track') add({ type: 'track.started', at: timeOf(root.startedAt ?? root.createdAt), path: root.task, track: root.task, stepCount: 0 })
  for (const run of runs) {
    const place = completed(run, places, root, isWalk || (kind !== 'task' && !root.hasEnded && runs.length === 1))
    if (!place) continue
    places.set(run.id, place)
    if (place.kind === 'track') addTrack(run, place)
    if (place.kind === 'call') addCall(run, place)
  }
  const ownPaths = new Set([...places.values()].flatMap((place) => (place.kind === 'call' ? place.path : [])))
  for (const run of runs) addLines(run)
  if (root.hasEnded) addEnd()
  return { events: [...found].map(([key, event]) => ({ key, event })).toSorted((a, b) => a.event.at - b.event.at), isHeld }

  function addTrack(run: TriggerRun, { path, name }: TriggerPlace & { kind: 'track' }) {
    const at = { path, track: name }
    const begun = timeOf(run.startedAt)
    const { status, because, error } = run.hasEnded ? endOfTrack(run) : {}
    if (status === 'skipped') {
      add({ type: 'track.skipped', at: timeOf(run.finishedAt), ...at, because: because ?? '' })
      return
    }
    if (begun > 0) add({ type: 'track.started', at: begun, ...at, stepCount: 0 })
    if (status) add({ type: `track.${status}`, at: timeOf(run.finishedAt), ...at, durationMs: timeOf(run.finishedAt) - begun, ...(error && { error: redactValue(error) }) })
  }

  function addCall(run: TriggerRun, { path, parentPath, track, step, nested, items }: TriggerPlace & { kind: 'call' }) {
    const made = timeOf(run.createdAt)
    const at = { path, track, step, taskName: run.task, nested }
    // What it is part of may be told later, or, in a walk by hand, never.
    const isFinal = path.slice(parentPath.length).startsWith('/final:')
    if (!nested && !isFinal) add({ type: 'track.started', at: made, path: parentPath, track, stepCount: 0 })
    const parent = nested ? parentPath : path.endsWith(']') ? path.slice(0, path.lastIndexOf('[')) : undefined
    if (parent !== undefined) add({ type: 'step.started', at: made, path: parent, track, step, taskName: nested ? step : run.task, nested: false, ...(items !== undefined && { itemCount: items }) })
    add({ type: 'step.started', at: made, ...at })
    if (run.startedAt !== undefined) add({ type: 'call.started', at: timeOf(run.startedAt), ...at, input: `${run.id}.input` })
    if (!run.hasEnded) return
    const ended = timeOf(run.finishedAt)
    const retries = run.logs.filter(({ fields }) => isRecord(fields) && fields['type'] === 'step.retrying').length
    if (retries < run.attemptCount - 1 && now - ended < linesWithinMs) {
      isHeld = true
      return
    }
    const attempt = Math.max(1, run.attemptCount)
    const metadata = metadataOf(run)
    if (run.status === 'COMPLETED') add({ type: 'call.succeeded', at: ended, path, attempt, ...(metadata && { metadata: redactValue(metadata) }), output: `${run.id}.output` })
    else add({ type: 'call.failed', at: ended, path, attempt, error: redactValue(errorOf(run)) })
  }

  function addLines(run: TriggerRun) {
    const { events, said } = linesOf(run)
    for (const event of events) {
      const { type, path, at, durationMs, attempt } = event as Facts & { type: string; path: string; at: number; durationMs?: number; attempt?: number }
      if (type.startsWith('track.') && path === root.task && type !== 'track.started') continue
      const told = redactValue(event) as Facts & { type: string; at: number }
      if (type === 'step.started' && ownPaths.has(path)) continue
      // What was over soon has one line, that of its end.
      if (type === 'step.succeeded' || type === 'step.failed') add({ ...(told as object), type: 'step.started', at: at - (durationMs ?? 0), error: undefined, metadata: undefined })
      add(told, type === 'step.retrying' ? `${type} ${path} ${attempt}` : undefined)
    }
    const place = places.get(run.id)
    said.forEach(({ at, severity, message, fields }, index) => {
      const level = ({ debug: 'debug', warn: 'warn', error: 'error' } as const)[severity.toLowerCase()] ?? 'info'
      const told = redactValue({ message, ...(isRecord(fields) && Object.keys(fields).length > 0 && { fields }) }) as object
      add({ type: 'log', at: timeOf(at), level, ...told, ...(place?.kind === 'call' && { path: place.path, track: place.track, step: place.step }) }, `log ${run.id} ${index}`)
    })
  }

  function addEnd() {
    const at = timeOf(root.finishedAt)
    const durationMs = at - timeOf(root.startedAt ?? root.createdAt)
    const status = root.status === 'COMPLETED' ? 'succeeded' : root.status === 'CANCELED' ? 'cancelled' : 'failed'
    const error = status === 'failed' ? { error: redactValue(errorOf(root)) as ErrorJson } : {}
    // Tracks whose end nobody told: the run's own, and those of walks by hand.
    const ends = new Set([...found.keys()].filter((key) => key.startsWith('track.') && !key.startsWith('track.started ')).map((key) => key.slice(key.indexOf(' ') + 1)))
    for (const event of [...found.values()]) if (event.type === 'track.started' && !ends.has(event.path)) add({ type: `track.${status}`, at, path: event.path, track: event.track, durationMs, ...error })
    add({ type: `run.${status}`, at, durationMs, ...error, ...(status === 'succeeded' && { output: `${root.id}.output` }) })
  }
}

/** Where a run stands that says nothing of it: a task by itself, or one that a task calls. Nothing where it walks a track, or may yet turn out to. */
function completed(run: TriggerRun, places: ReadonlyMap<string, TriggerPlace>, root: TriggerRun, isWalk: boolean): TriggerPlace | undefined {
  const place = places.get(run.id)!
  if (place.kind !== 'root') return place
  const { task } = run
  if (run === root) return isWalk ? undefined : { kind: 'call', path: `${task}/${task}`, parentPath: task, track: task, step: task, nested: false }
  const parent = places.get(run.parentId ?? '')
  return parent?.kind === 'call' ? { kind: 'call', path: `${parent.path}/${run.id}:${task}`, parentPath: parent.path, track: parent.track, step: parent.step, nested: true } : undefined
}

/** A value by its reference, `<run>.input` or `<run>.output`. */
export function valueIn(runs: readonly TriggerRun[], reference: string): { readonly value: unknown } | undefined {
  const [, id, which] = /^(\w+)\.(input|output)$/.exec(reference) ?? []
  const run = runs.find((one) => one.id === id)
  if (!run || (which === 'output' && run.status !== 'COMPLETED')) return undefined
  return { value: which === 'input' ? inputOf(run) : outputOf(run) }
}
