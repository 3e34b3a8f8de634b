import type { CompositeTrackDefinition, OrchestratorDefinition, RepeatDefinition, TrackDefinition, TrackTaskDefinition } from '../definition/definition.ts'
import { Failure, mapper, modelQuestion, modelTask, type Tell } from './model-steps.ts'

// What a run should come to, worked out by plain loops: one track after the other, no engine, no schemas, no promises.
// It knows the suite's tasks and what `randomOrchestrator` makes of them, and shares no code with the runners.

/** How one track should end, if nothing cancels it. */
export type ModelTrack =
  | { readonly status: 'succeeded'; readonly output: unknown }
  | { readonly status: 'failed'; readonly code: string }
  /** `because`: those it waits for that did not succeed. Which of them is named is a matter of time. */
  | { readonly status: 'skipped'; readonly because: readonly string[] }

export interface ModelRun {
  readonly tracks: ReadonlyMap<string, ModelTrack>
  /** If no track stops it: what comes out in the end. */
  readonly end: { readonly status: 'succeeded'; readonly output: unknown } | { readonly status: 'failed'; readonly code: string }
  /** What should be told, in order: of each track, of each item of a step, of each task that a handler called. See `storiesOf`. */
  readonly stories: Stories
}
export type Stories = ReadonlyMap<string, readonly string[]>

/** Walks the whole orchestrator as `onTrackFailure: 'continue'` would. */
export function modelRun(orchestrator: OrchestratorDefinition, input: unknown): ModelRun {
  const stories = new Map<string, string[]>()
  const tell = (where: string, line: string) => void stories.set(where, [...(stories.get(where) ?? []), line])
  const tracks = new Map<string, ModelTrack>()
  while (tracks.size < orchestrator.tracks.length) {
    for (const track of orchestrator.tracks) {
      const dependencies = ownOf(orchestrator.trackDependencies, track.name) ?? []
      if (tracks.has(track.name) || !dependencies.every((name) => tracks.has(name))) continue
      tracks.set(track.name, modelTrack(orchestrator, track, dependencies, tracks, input, tell))
    }
  }
  const outputs = Object.fromEntries([...tracks].map(([name, track]) => [name, track.status === 'succeeded' ? track.output : undefined]))
  return { tracks, end: modelEnd(orchestrator, outputs, input, tell), stories }
}

function modelTrack(orchestrator: OrchestratorDefinition, track: TrackDefinition, dependencies: readonly string[], done: ReadonlyMap<string, ModelTrack>, input: unknown, tell: Tell): ModelTrack {
  const { name } = track
  const because = dependencies.filter((dependency) => done.get(dependency)!.status !== 'succeeded')
  if (because.length > 0) {
    tell(name, 'track.skipped')
    return { status: 'skipped', because }
  }
  const outputs = Object.fromEntries(dependencies.map((dependency) => [dependency, (done.get(dependency) as { output: unknown }).output]))
  const mapping = ownOf(orchestrator.trackInputMappings, name)
  let own: unknown = dependencies.length === 0 ? input : dependencies.length === 1 ? outputs[dependencies[0]!] : outputs
  try {
    if (mapping) own = mapper(() => mapping(outputs, input))
    tell(name, 'track.started')
    const output = modelSteps(track.tasks, `${orchestrator.name}/${name}`, name, own, tell)
    tell(name, 'track.succeeded')
    return { status: 'succeeded', output }
  } catch (failure) {
    tell(name, 'track.failed')
    return { status: 'failed', code: (failure as Failure).code }
  }
}

function modelSteps(steps: readonly TrackTaskDefinition[], path: string, track: string, input: unknown, tell: Tell): unknown {
  const outputs = Object.create(null) as Record<string, unknown>
  let previous = frozen(input)
  for (const step of steps) {
    const { id = step.taskName || 'wait', when, onError = 'halt' } = step
    if (when && !mapper(() => when(previous, input, { outputs }))) {
      tell(track, `step.skipped ${id}`)
      outputs[id] = undefined
      continue
    }
    let output: unknown
    try {
      const { results, attempt, isSkipped } = modelStep(step, id, `${path}/${id}`, track, previous, frozen(input), outputs, tell)
      tell(track, isSkipped ? `step.skipped ${id}` : `step.succeeded ${id} attempt ${attempt}`)
      output = results
    } catch (failure) {
      const handled = onError !== 'halt'
      tell(track, `step.failed ${id} attempt ${(failure as Failure).attempt}${handled ? ' handled' : ''}`)
      if (!handled) throw failure
      output = typeof onError === 'object' ? onError.fallback : undefined
    }
    outputs[id] = frozen(output)
    if (output !== undefined) previous = output
  }
  return previous
}

function modelStep(step: TrackTaskDefinition, id: string, path: string, track: string, previous: unknown, original: unknown, outputs: object, tell: Tell): { results: unknown; attempt: number; isSkipped?: boolean } {
  const { forEach, inputMapper } = step
  if (forEach === undefined) {
    tell(track, `step.started ${id}`)
    if (step.waitMs !== undefined || step.waitUntil) return { results: undefined, attempt: 1 }
    if (step.repeat) return { results: modelRepeat(step.track!, step.repeat, path, inputMapper ? mapper(() => inputMapper(previous, original, { outputs })) : previous, id, track, tell), attempt: 1 }
    if (step.approve !== undefined) return modelQuestion(step, previous, original, outputs)
    if (step.track) return { results: 'subTracks' in step.track ? modelRace(step.track as CompositeTrackDefinition, path, tell) : modelInner(step.track, path, previous, tell), attempt: 1 }
    return modelTask(step.taskName, id, path, inputMapper ? mapper(() => inputMapper(previous, original, { outputs })) : previous, (line) => tell(track, line), tell)
  }
  let items: unknown
  if (typeof forEach === 'function') items = mapper(() => forEach(previous, original, { outputs }))
  else items = (previous as Record<string, unknown> | undefined)?.[forEach]
  if (!Array.isArray(items)) throw new Failure('mapper_failed')
  const inputs: unknown[] = []
  for (const [index, item] of items.entries()) inputs.push(typeof forEach === 'string' && inputMapper ? mapper(() => inputMapper(item, index, original, { outputs })) : item)
  tell(track, `step.started ${id}`)
  const results: unknown[] = []
  let failed: unknown
  for (const [index, input] of inputs.entries()) {
    const where = `${path}[${index}]`
    try {
      results.push(modelTask(step.taskName, id, where, input, (line) => tell(where, line), tell).results)
    } catch (failure) {
      failed ??= failure
    }
    tell(track, `step.progress ${id} ${index + 1} of ${inputs.length}`)
  }
  if (failed) throw failed
  return { results, attempt: 1 }
}

function modelRepeat({ name, tasks }: TrackDefinition, { until, next, maxTimes }: RepeatDefinition, path: string, first: unknown, id: string, outer: string, tell: Tell): unknown {
  let input = first
  for (let times = 1; times <= maxTimes; times++) {
    const time = `${name}[${times - 1}]`
    tell(time, 'track.started')
    let output: unknown
    try {
      output = modelSteps(tasks, `${path}[${times - 1}]`, time, input, tell)
    } catch (failure) {
      tell(time, 'track.failed')
      throw failure
    }
    tell(time, 'track.succeeded')
    tell(outer, `step.progress ${id} ${times} of at most ${maxTimes}`)
    if (mapper(() => until(output, times))) return output
    if (next && times < maxTimes) input = mapper(() => next(output, times))
  }
  throw new Failure('repeat/not_reached')
}

/** A track whose question has no time, or one that is walked as often as it says after what may pass: what was answered is not asked again. */
function modelInner({ name, tasks, timeoutMs, retry }: TrackDefinition, path: string, input: unknown, tell: Tell): unknown {
  tell(name, 'track.started')
  for (let round = 1; ; round++) {
    try {
      if (timeoutMs !== undefined) {
        tell(name, `step.started ${tasks[0]!.id}`)
        tell(name, `step.failed ${tasks[0]!.id} attempt 0`)
        throw new Failure('timed_out')
      }
      const output = modelSteps(tasks, path, name, input, tell)
      tell(name, 'track.succeeded')
      return output
    } catch (failure) {
      const mayPass = ['task_failed', 'provider_failed'].includes((failure as Failure).code)
      if (mayPass && round < (retry?.maxAttempts ?? 1)) continue
      tell(name, 'track.failed')
      throw failure
    }
  }
}

/** One of its sub-tracks succeeds, or none: of the others, how far they get is a matter of time. */
function modelRace({ name, subTracks }: CompositeTrackDefinition, path: string, tell: Tell): unknown {
  tell(name, 'track.started')
  const outputs = subTracks.flatMap((sub) => {
    tell(sub.name, 'track.started')
    try {
      const output = modelSteps(sub.tasks, `${path}/${sub.name}`, sub.name, {}, tell)
      tell(sub.name, 'track.succeeded')
      return [{ output, isLate: sub.tasks.length > 1 }]
    } catch {
      tell(sub.name, 'track.failed')
      return []
    }
  })
  const won = outputs.find(({ isLate }) => !isLate)
  tell(name, won ? 'track.succeeded' : 'track.failed')
  if (!won) throw new Failure('tracks/all_failed')
  return won.output
}

function modelEnd({ name, finalTask }: OrchestratorDefinition, outputs: Record<string, unknown>, input: unknown, tell: Tell): ModelRun['end'] {
  if (!finalTask) return { status: 'succeeded', output: outputs }
  const { taskName, inputMapper } = finalTask
  try {
    const given = inputMapper ? mapper(() => inputMapper(outputs, input)) : outputs
    tell(name, `step.started ${taskName}`)
    const { results, attempt } = modelTask(taskName, taskName, `${name}/final:${taskName}`, given, (line) => tell(name, line), tell)
    tell(name, `step.succeeded ${taskName} attempt ${attempt}`)
    return { status: 'succeeded', output: results }
  } catch (failure) {
    tell(name, `step.failed ${taskName} attempt ${(failure as Failure).attempt}`)
    return { status: 'failed', code: (failure as Failure).code }
  }
}

/** Mappers that change what they are given must fail here, too. */
function frozen<Value>(value: Value): Value {
  if (typeof value === 'object' && value !== null) for (const inner of Object.values(Object.freeze(value))) frozen(inner)
  return value
}

function ownOf<Value>(record: Readonly<Record<string, Value>> | undefined, name: string): Value | undefined {
  return record && Object.hasOwn(record, name) ? record[name] : undefined
}
