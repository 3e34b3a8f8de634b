import { copyJson, errorAt, errorToJson, toTracksError, type Registry, type TaskContract, type TracksError } from '@track-orchestrator/registry'
import { checkName } from '../definition/check-name.ts'
import type { OrchestratorDefinition, TrackDefinition } from '../definition/definition.ts'
import type { RunCosts } from '../costs/ledger.ts'
import type { TrackOutcome } from '../engine/engine.ts'
import { jsonSizeBytes } from '../log/run-events.ts'
import { compileOrchestrator } from './compile-orchestrator.ts'
import { handlerMissing } from '../engine/handler-of.ts'
import { compileTrack, type TaskPlace } from './compile-track.ts'
import { openRun, type RunContext } from './open-run.ts'
import { walkOrchestrator } from './run-orchestrator.ts'
import { runStep } from './run-step.ts'
import { walkTrack } from './run-track.ts'
import { recordOf } from './track-outcome.ts'
import { TrackState } from './track-state.ts'
import { cancelled } from '../engine/stopping.ts'
import type { Walk } from './walk.ts'

/** How a run ended, as data. */
export type RunResult<Output = unknown> = RunFacts &
  ({ readonly status: 'succeeded'; readonly output: Output } | { readonly status: 'failed' | 'cancelled'; readonly error: TracksError })

/** As `RunResult`, and how every track ended. */
export type OrchestratorResult<Output = unknown> = RunResult<Output> & { readonly tracks: Readonly<Record<string, TrackOutcome>> }

interface RunFacts {
  readonly runId: string
  /** Milliseconds since 1970 (UTC). */
  readonly startedAt: number
  readonly durationMs: number
  /** What the run has cost, as handlers reported it (`context.cost`). Absent where nothing was paid or reused. */
  readonly costs?: RunCosts
}

/**
 * Runs a track and tells how it ended. Rejects only for what is wrong before anything runs:
 * `DefinitionError`, or `ContractError` of the payload's base fields.
 */
export async function settleTrack(track: TrackDefinition, payload: unknown, context: RunContext): Promise<RunResult> {
  const compiled = compileTrack(context.registry, track)
  const { kept, keptInside, tasks } = compiled
  return settle({ kind: 'track', name: track.name, kept, keptInside, tasks }, payload, context, async (walk, input) => ({ output: await walkTrack(walk, compiled, input, track.name) }))
}

/** Runs an orchestrator and tells how it and each of its tracks ended. Rejects as `settleTrack` does. */
export async function settleOrchestrator(orchestrator: OrchestratorDefinition, payload: unknown, context: RunContext): Promise<OrchestratorResult> {
  const { result, outcomes } = await walkWhole(orchestrator, payload, context)
  return { ...result, tracks: recordOf(orchestrator.tracks.slice(0, outcomes.length).map(({ name }) => name), outcomes) }
}

/** Runs one task by its name, outside of any track, and tells how it ended. Rejects as `settleTrack` does. */
export async function settleSingleTask(taskName: string, payload: unknown, context: RunContext): Promise<RunResult> {
  checkName('A task', taskName)
  const { steps, tasks } = compileTrack(context.registry, singleTask(context.registry, taskName))
  const step = steps[0]!
  return settle({ kind: 'task', name: taskName, kept: false, keptInside: false, tasks }, payload, context, async (walk, input) => {
    const end = await runStep(walk, new TrackState(walk.base, taskName, taskName, false, input, []), step)
    return end.status === 'failed' ? { error: end.error } : { output: end.status === 'succeeded' ? end.output : undefined }
  })
}

const singleTasks = new WeakMap<TaskContract, TrackDefinition>()

/** A task alone is a track of one step: looked up and checked like any other. Of unknown names nothing is kept. */
function singleTask(registry: Registry, taskName: string): TrackDefinition {
  const track: TrackDefinition = { name: taskName, tasks: [{ taskName }] }
  const contract = Object.hasOwn(registry, taskName) ? registry[taskName] : undefined
  if (!contract) return track
  const known = singleTasks.get(contract) ?? track
  singleTasks.set(contract, known)
  return known
}

/** Runs a track and returns its output. Throws the error that ended the run; its `place` tells the step. */
export async function runTrack(track: TrackDefinition, payload: unknown, context: RunContext): Promise<unknown> {
  return openResult(await settleTrack(track, payload, context))
}

/** Runs an orchestrator and returns its final task's output, or its tracks' outputs by name. Throws the error of the track that stopped it. */
export async function runOrchestrator(orchestrator: OrchestratorDefinition, payload: unknown, context: RunContext): Promise<unknown> {
  return openResult((await walkWhole(orchestrator, payload, context)).result)
}

/** Runs one task by its name, outside of any track, and returns its output. Throws what it failed with. */
export async function runSingleTask(taskName: string, payload: unknown, context: RunContext): Promise<unknown> {
  return openResult(await settleSingleTask(taskName, payload, context))
}

async function walkWhole(orchestrator: OrchestratorDefinition, payload: unknown, context: RunContext) {
  const compiled = compileOrchestrator(context.registry, orchestrator)
  const { kept, keptInside, tasks } = compiled
  let outcomes: readonly TrackOutcome[] = []
  const result = await settle({ kind: 'orchestrator', name: orchestrator.name, kept, keptInside, tasks }, payload, context, async (walk, input) => {
    const end = await walkOrchestrator(walk, compiled, input)
    outcomes = end.outcomes
    return end
  })
  return { result, outcomes }
}

/** The output of a run. Throws what ended it. */
export function openResult(result: RunResult): unknown {
  if (result.status === 'succeeded') return result.output
  throw result.error
}

type Ended = { readonly output?: unknown; readonly error?: TracksError }

/** What is run, and whether its history is kept: its own, and that of anything in it. */
interface Runnable {
  readonly kind: 'track' | 'orchestrator' | 'task'
  readonly name: string
  readonly kept: boolean
  readonly keptInside: boolean
  readonly tasks: readonly TaskPlace[]
}

async function settle(runnable: Runnable, payload: unknown, context: RunContext, run: (walk: Walk, input: unknown) => Promise<Ended>): Promise<RunResult> {
  const { kind, name, keptInside: kept } = runnable
  const { walk, input } = openRun(name, payload, context, runnable.kept)
  const { events, runId, signal, ledger } = walk
  const startedAt = Date.now()
  if (events) events.emit({ type: 'run.started', kind, ...(events.sizes && sizeOf('inputSizeBytes', input)) }, kept)
  let output: unknown
  let error: TracksError | undefined
  try {
    checkHandlers(runnable, walk)
    const end = await run(walk, input)
    // A copy of the caller's own, nothing in it frozen.
    if (end.error) error = end.error
    else output = copyJson(name, 'output', end.output)
  } catch (thrown) {
    error = toTracksError(thrown)
  }
  if (signal.aborted && error?.code !== 'cancelled') error = cancelled(name, signal)
  const status = !error ? 'succeeded' : signal.aborted ? 'cancelled' : 'failed'
  const durationMs = Date.now() - startedAt
  const costs = ledger.costs()
  const paid = costs && Object.keys(costs.total).length > 0 ? { costs: costs.total } : {}
  if (events) {
    if (status === 'succeeded') {
      const body = { ...(events.sizes && sizeOf('outputSizeBytes', output)), ...(events.payloads && { output }) }
      events.emit({ type: 'run.succeeded', durationMs, ...paid, ...body }, kept)
    } else if (status === 'failed') events.emit({ type: 'run.failed', durationMs, ...paid, error: errorToJson(error) }, kept)
    else events.emit({ type: 'run.cancelled', durationMs, ...paid }, kept)
    await events.flush()
  }
  const paidFor = costs && { costs }
  if (error) return { runId, startedAt, durationMs, ...paidFor, status: status as 'failed' | 'cancelled', error }
  return paidFor ? { runId, startedAt, durationMs, ...paidFor, status: 'succeeded', output } : { runId, startedAt, durationMs, status: 'succeeded', output }
}

/** Runs nothing where a task has no handler: steps before it may be dear. */
function checkHandlers({ tasks }: Runnable, { engine }: Walk): void {
  for (const place of tasks) if (engine.hasHandler?.(place.taskName) === false) throw errorAt(handlerMissing(place.taskName), place)
}

function sizeOf<Name extends string>(name: Name, value: unknown): { readonly [N in Name]?: number } {
  const sizeBytes = jsonSizeBytes(value)
  return (sizeBytes === undefined ? {} : { [name]: sizeBytes }) as { [N in Name]?: number }
}
