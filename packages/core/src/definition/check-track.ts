import { checkFitsOutput, checkInline, checkSchema, copyJson, createParser, DefinitionError, parsersOf, ContractError, type Registry } from '@track-orchestrator/registry'
import { checkOptions } from '@track-orchestrator/registry/options'
import { checkAcyclic } from './check-acyclic.ts'
import { checkName, checkTaskName, checkUnique } from './check-name.ts'
import { checkSchedule } from './check-schedule.ts'
import { approvalRules, compositeRules, stepRules, trackRules } from './definition-rules.ts'
import { isApproval, isComposite, isWait, runsOf, waitName, type CompositeTrackDefinition, type TrackDefinition, type TrackTaskDefinition } from './definition.ts'

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
    checkShape(track)
    checkOne(registry, track)
    for (const inner of innerTracks(track)) all.add(inner) // the loop comes to these, too
  }
  checkNesting(all)
}

/** Tracks stand at most so deep in each other: a walk, a drawing and a path of many more run out of room. */
const deepest = 200

/** Throws `DefinitionError` where a track, by way of others or not, contains itself, or tracks stand too deep in each other. */
export function checkNesting(tracks: Iterable<TrackDefinition>): void {
  checkAcyclic(
    tracks,
    innerTracks,
    ({ name }) => name,
    (cycle) => `A track cannot contain itself: ${cycle}. Take it out of one of them.`,
    deepest,
  )
}

function innerTracks(track: TrackDefinition): TrackDefinition[] {
  const inner = track.tasks.flatMap((step) => step.track ?? [])
  return isComposite(track) ? [...inner, ...track.subTracks] : inner
}

/** Throws `DefinitionError` where a track is written in a way that nothing can read: no list of tasks, an unknown word, a wrong number. */
function checkShape(track: TrackDefinition): void {
  if (typeof track !== 'object' || track === null) throw new DefinitionError(`A track must be an object, as { name: 'Speech', tasks: [] }, not ${track === null ? 'null' : typeof track}.`)
  checkName('A track', track.name)
  const where = `Track "${track.name}"`
  const { subTracks, type } = track as Partial<CompositeTrackDefinition>
  if (subTracks !== undefined && type === undefined) throw new DefinitionError(`${where} has subTracks, but no type: 'composite'. Without it they would not run.`)
  if (type !== undefined) checkOptions(where, track as CompositeTrackDefinition, compositeRules)
  else checkOptions<TrackDefinition>(where, track, trackRules)
  if (track.input !== undefined) checkSchema(track.name, 'input', track.input, ['in', 'out'])
  for (const [index, step] of track.tasks.entries()) checkOptions<TrackTaskDefinition>(`${where}, step ${index + 1}`, step, step?.approve === undefined ? stepRules : approvalRules)
}

function checkOne(registry: Registry, track: TrackDefinition): void {
  const ids = new Set<string>()
  for (const [index, step] of track.tasks.entries()) {
    const where = `Track "${track.name}", step ${index + 1}`
    checkStep(registry, where, step)
    const id = step.id ?? runsOf(step)
    checkName(`${where}: the id`, id)
    if (ids.has(id)) throw new DefinitionError(`${where}: an earlier step has the id "${id}", too. Give this one an id of its own.`)
    ids.add(id)
  }
  if (track.schedule) checkSchedule(`Track "${track.name}"`, track.name, track.schedule, inputParserOf(registry, track))
  if (!isComposite(track)) return
  const where = `Composite track "${track.name}"`
  if (track.mode === 'race' && track.mergeStrategy) throw new DefinitionError(`${where}: a race has one output, the winner's, so there is nothing to merge. Take away mergeStrategy, or mode: 'race'.`)
  if (track.mode === 'race' && track.subTracks.length === 0) throw new DefinitionError(`${where}: a race without sub-tracks has no winner. Give it some.`)
  for (const { name } of track.subTracks) checkName(`${where}: a sub-track`, name)
  checkUnique(
    `${where}: two sub-tracks`,
    track.subTracks.map(({ name }) => name),
  )
}

/** What checks the input of a track before anything runs: its own schema, or its first task, where it is given the input as it is. */
function inputParserOf(registry: Registry, { name, input, tasks: [first] }: TrackDefinition): ((given: unknown) => unknown) | undefined {
  if (input) return createParser(input, name, 'input')
  if (!first || first.track || first.inputMapper || first.forEach !== undefined || isWait(first) || isApproval(first)) return undefined
  return parsersOf(registry[first.taskName]!).input
}

function checkStep(registry: Registry, where: string, step: TrackTaskDefinition): void {
  if (isApproval(step)) return checkApproval(where, step)
  const onlyBesideApprove = (['input', 'schema', 'onTimeout'] as const).find((name) => step[name] !== undefined)
  if (onlyBesideApprove) throw new DefinitionError(`${where}: ${onlyBesideApprove} says nothing without approve: 'name'. Take it away, or make it a step that asks.`)
  if (isWait(step)) return checkWait(where, step)
  if (step.track) checkTrackStep(where, step, step.track)
  else {
    if (step.repeat !== undefined) throw new DefinitionError(`${where}: repeat runs a track again, and this step runs a task. Put the task into a track: { track: defineTrack({ … }), repeat: { … } }.`)
    checkTaskName(registry, where, step.taskName)
    checkInline(`${where}, task ${step.taskName}`, { ...registry[step.taskName]!.placement, ...step.placement })
  }
  if (typeof step.forEach === 'function' && step.inputMapper) {
    throw new DefinitionError(
      `${where}: a forEach function returns the inputs itself, so the inputMapper beside it would not be asked. ` +
        `Map inside the function, or name the list: forEach: 'key'.`,
    )
  }
  if (step.concurrency !== undefined && step.forEach === undefined) {
    throw new DefinitionError(`${where}: concurrency without forEach says nothing: the step runs once. Take it away, or add forEach.`)
  }
  if (step.onItemError !== undefined && step.forEach === undefined) {
    throw new DefinitionError(`${where}: onItemError without forEach says nothing: the step runs once. Take it away, or add forEach.`)
  }
  checkFallback(where, 'onError', step.onError, (fallback) => checkFitsStep(registry, step, fallback))
}

/** A fallback stands in for an output, and travels as outputs do: found out when the step has failed, it would be too late. */
function checkFallback(where: string, property: string, choice: TrackTaskDefinition['onError'] | TrackTaskDefinition['onTimeout'], checkFits: (fallback: unknown) => void): void {
  if (typeof choice !== 'object') return
  let rule = 'which is JSON'
  try {
    const fallback = copyJson(where, 'output', choice.fallback)
    rule = 'and must fit its schema'
    checkFits(fallback)
  } catch (thrown) {
    const [issue] = (thrown as ContractError).issues
    throw new DefinitionError(`${where}: ${[property, 'fallback', ...(issue?.path ?? [])].join('.')}: ${issue?.message}. A fallback stands in for an output, ${rule}.`)
  }
}

/** Of a track it is not known what it hands on, nor of items that may fail what a list of their ends holds. */
function checkFitsStep(registry: Registry, { taskName, track, forEach, onItemError }: TrackTaskDefinition, fallback: unknown): void {
  if (track || onItemError === 'continue') return
  const { output } = registry[taskName]!
  if (forEach === undefined) return checkFitsOutput(output, taskName, fallback)
  if (!Array.isArray(fallback)) throw new ContractError(taskName, 'output', [{ path: [], message: 'Invalid input: expected a list, as the step makes one with forEach' }])
  for (const [item, value] of fallback.entries()) {
    try {
      checkFitsOutput(output, taskName, value)
    } catch (thrown) {
      throw new ContractError(taskName, 'output', (thrown as ContractError).issues.map(({ path, message }) => ({ path: [item, ...path], message })))
    }
  }
}

/** What may stand beside `approve`. */
const besideApprove = new Set(['taskName', 'id', 'when', 'approve', 'input', 'schema', 'timeoutMs', 'onTimeout'])

function checkApproval(where: string, step: TrackTaskDefinition): void {
  const { approve, schema, onTimeout, taskName } = step
  checkName(`${where}: what it asks for`, approve)
  const beside = Object.entries(step).find(([name, value]) => value !== undefined && !besideApprove.has(name))
  if (beside) throw new DefinitionError(`${where} asks for "${approve}", and runs nothing: ${beside[0]} beside it says nothing. Take it away, or make it a step of its own.`)
  if (taskName && taskName !== approve) throw new DefinitionError(`${where} asks for "${approve}", but names the task "${taskName}". Make them two steps.`)
  if (schema !== undefined) checkSchema(`${where}, the answer to ${approve}`, 'output', schema, ['in', 'out'])
  else if (typeof onTimeout === 'object') throw new DefinitionError(`${where}: a fallback stands in for an answer; without a schema that is yes or no. Say onTimeout: 'skip' to go on, 'fail' to stop, or give the schema of the answer.`)
  checkFallback(where, 'onTimeout', onTimeout, (fallback) => schema && checkFitsOutput(schema, approve, fallback))
}

/** What may stand beside `waitMs` or `waitUntil`. */
const besideWait = new Set(['taskName', 'id', 'when', 'waitMs', 'waitUntil'])

function checkWait(where: string, step: TrackTaskDefinition): void {
  if (step.waitMs !== undefined && step.waitUntil !== undefined) throw new DefinitionError(`${where} has waitMs and waitUntil. Keep one of the two.`)
  const beside = Object.entries(step).find(([name, value]) => value !== undefined && !besideWait.has(name))
  if (beside) throw new DefinitionError(`${where} waits, and runs nothing: ${beside[0]} beside it says nothing. Take it away, or make it a step of its own.`)
  if (step.taskName && step.taskName !== waitName) throw new DefinitionError(`${where} waits, but names the task "${step.taskName}". Make them two steps.`)
}

function checkTrackStep(where: string, step: TrackTaskDefinition, track: TrackDefinition): void {
  checkName(`${where}: the track`, track.name)
  if (step.taskName && step.taskName !== track.name) {
    throw new DefinitionError(`${where} runs the track "${track.name}" but names the task "${step.taskName}". Keep one of the two.`)
  }
  if (step.retry !== undefined || step.timeoutMs !== undefined || step.placement !== undefined) {
    throw new DefinitionError(`${where} runs the track "${track.name}": retry, timeoutMs and placement are for tasks. Give retry and timeoutMs to the track itself, placement to the steps inside.`)
  }
  if (step.repeat !== undefined && step.forEach !== undefined) {
    throw new DefinitionError(`${where} has repeat and forEach. Give one of them to a track of its own: a track whose step repeats may be run for each item.`)
  }
}
