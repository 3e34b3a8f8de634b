import type { DamagedRun, PlannedStep, PlanOptions, ResumedRun, RunPlan } from '@track-orchestrator/core/in-process'
import type { OrchestratorDefinition, TrackDefinition } from '@track-orchestrator/core'
import { errorToJson, parseJsonPath, type Registry } from '@track-orchestrator/registry'
import { tracksIn, type LoadedConfig } from '../config/load-config.ts'
import { openPlanner, withRunner } from '../config/open-runner.ts'
import { CommandError, exitCodes } from '../exit.ts'
import { describeFailure } from '../failure.ts'
import { jsonIn, refuseUnknown, splitPair, valueOf } from '../input/read-input.ts'
import { newRunId } from '../input/run-id.ts'
import { inputShapeOf, shapesAt, type Shape } from '../input/schema-places.ts'
import { progressLog } from '../show/progress.ts'
import { below, describePlanned } from '../show/why.ts'
import { journalFilter, tellUnknown } from '../source/journal-runs.ts'
import { isFiltered, queryOf, type RunFilter } from '../source/run-source.ts'
import { findRun } from '../source/find-run.ts'
import { limitsOf, tellEnd } from './run.ts'
import type { Asking } from './verb.ts'

export interface ResumeArguments extends RunFilter {
  readonly plan?: boolean
  readonly force?: readonly string[]
  readonly map?: readonly string[]
  readonly maxCost?: readonly string[]
}

/** Goes on with a run, or with all that a filter finds. Gives the exit code: of several, that of the worst. */
export async function resume(asking: Asking, said: string | undefined, { plan = false, force, map, maxCost, ...filter }: ResumeArguments): Promise<number> {
  const limited = limitsOf(maxCost)
  const loaded = await asking.load()
  const how = { force, map: map && mapOf(map) }
  for (const step of force ?? []) refuseNoStep('--force', step)
  if (said === undefined && !isFiltered(filter)) throw new CommandError('Say which run: its id, the beginning of it, or last; or which of them: --status failed --since 1d.')
  const chosen = said === undefined ? journalFilter(queryOf(filter)) : undefined
  const damaged: DamagedRun[] = []
  const runIds = said !== undefined ? [await findRun(loaded.journal, said)] : chosen ? (await loaded.journal.unfinished(chosen, { onDamaged: (run) => damaged.push(run) })).map(({ runId }) => runId) : []
  if (runIds.length + damaged.length === 0) {
    asking.show.line('No such run is to be gone on with.')
    await tellUnknown(asking.show, loaded.journal, filter)
  }
  if (plan) {
    const plans: RunPlan[] = []
    for (const runId of runIds) plans.push(await openPlanner(loaded).plan(runId, how))
    asking.show.value(said === undefined ? [...plans, ...damaged.map(refused)] : plans[0])
    for (const one of plans) tellPlan(asking, one)
    return Math.max(exitCodes.done, ...damaged.map((run) => sayRefused(asking, run)))
  }
  if (runIds.length + damaged.length === 0) return exitCodes.done
  if (chosen) for (const runId of runIds) if (force) await openPlanner(loaded).plan(runId, how) // says which steps there are, before any run goes on
  const { signal } = asking.terminal
  const going = { ...how, ...limited, signal }
  return withRunner(loaded, [progressLog(asking)], signal, async (runner) => {
    if (!chosen) return tellEnd(asking, await runner.resume(runIds[0]!, going), maxCost)
    let worst = 0
    const onEnd = (run: ResumedRun) => (worst = Math.max(worst, run.status === 'refused' ? tellRefused(asking, run) : tellEnd(asking, run, maxCost)))
    await runner.resumeAll(chosen, { ...going, concurrency: 1, onEnd }) // one after another: their progress is shown
    return worst
  })
}

function refuseNoStep(what: string, said: string): void {
  if (said === '') throw new CommandError(`${what} is an id or path of a step, or an item of one, like step[3] (got "").`)
}

type Refused = Pick<DamagedRun, 'runId' | 'error'>

const refused = ({ runId, error }: Refused) => ({ type: 'result', runId, status: 'refused', error: errorToJson(error) })

/** Tells of one of several why it was not gone on with. Gives the exit code. */
function tellRefused(asking: Asking, run: Refused): number {
  if (asking.show.isJson) asking.show.raw(`${JSON.stringify(refused(run))}\n`)
  return sayRefused(asking, run)
}

function sayRefused({ show }: Asking, { runId, error }: Refused): number {
  const { message, exitCode } = describeFailure(error)
  show.line(`Run ${runId} is not gone on with: ${message}`)
  return exitCode
}

export interface ForkArguments {
  readonly from?: string
  readonly set?: readonly string[]
  readonly plan?: boolean
  readonly runId?: string
}

/** Begins a new run that takes over what comes before a step of another one. Gives the exit code. */
export async function fork(asking: Asking, said: string, { from, set = [], plan = false, runId }: ForkArguments): Promise<number> {
  const named = newRunId(runId)
  const loaded = await asking.load()
  const parent = await findRun(loaded.journal, said)
  if (from === undefined && set.length === 0) throw new CommandError('Say from which step it is to be done anew (--from step), or what is to be another input (--set path=value).')
  if (from !== undefined) refuseNoStep('--from', from)
  const planned = await openPlanner(loaded).plan(parent, { from })
  const how = { from, ...(set.length > 0 && { set: setOf(set, loaded, planned, from) }) }
  if (plan) {
    const whole = await openPlanner(loaded).plan(parent, how)
    asking.show.value(whole)
    tellPlan(asking, whole)
    return exitCodes.done
  }
  const { signal } = asking.terminal
  return tellEnd(asking, await withRunner(loaded, [progressLog(asking)], signal, (runner) => runner.fork(parent, { ...how, signal, ...named })))
}

/** Why steps of a run would be run, or ran. */
export async function why(asking: Asking, said: string, step: string | undefined): Promise<void> {
  const loaded = await asking.load()
  const runId = await findRun(loaded.journal, said)
  if (step !== undefined) refuseNoStep('The step', step)
  const plan = await openPlanner(loaded).plan(runId)
  const steps = plan.steps.filter((planned) => step === undefined || isMeant(planned, step))
  if (step !== undefined && steps.length === 0) {
    await openPlanner(loaded).plan(runId, { force: [step] }) // says which there are
    throw new CommandError(`Of ${step} nothing is known: the run has not come to it.`)
  }
  asking.show.value({ ...plan, steps })
  tellPlan(asking, { ...plan, steps })
}

/** By its id, or by a part of its path, with the numbers of items and times or without: of a track each step is meant. */
function isMeant({ path, step }: PlannedStep, said: string): boolean {
  if (step === said) return true
  const [parts, wanted] = [path.split('/'), said.split('/')]
  return parts.some((_part, from) => wanted.every((name, index) => [parts[from + index], withoutNumbers(parts[from + index] ?? '')].includes(name)))
}

const withoutNumbers = (path: string): string => path.replaceAll(/\[\d+\]/g, '')

function tellPlan({ show }: Asking, { name, runId, steps, problem }: RunPlan): void {
  show.heading(`${name}  ${runId}`)
  show.table([{ head: 'Step', wraps: true }, { head: 'Would', tells: true }, { head: 'Because', wraps: true }], steps.map((step) => [below(step.path, name), step.action, describePlanned(step)]))
  if (problem) show.line(`\nIt would fail: ${problem.message}`)
  const verb = (many: number) => (many === 1 ? 'is' : 'are')
  const count = (action: string) => steps.filter((step) => step.action === action).length
  show.line(`\n${count('reuse')} of ${steps.length} ${verb(count('reuse'))} reused, ${count('run')} ${verb(count('run'))} run.`)
}

/** `old=new`; `old=` lets go of what it made. As JSON (`{"old":"new"}`, or null) where there is a = in a name. */
function mapOf(said: readonly string[]): NonNullable<PlanOptions['map']> {
  return Object.fromEntries(
    said.flatMap((one): (readonly [string, string | null])[] => {
      const names = namesIn(one)
      if (names) return Object.entries(names)
      const [before, after] = splitPair(one, 'old=new, or old= to let go of it')
      return [[before, after === '' ? null : after]]
    }),
  )
}

/** What is said as JSON. Nothing where it is none: a name may begin with { as well. */
function namesIn(said: string): Readonly<Record<string, string | null>> | undefined {
  const value = said.startsWith('{') ? jsonIn(said) : undefined
  return typeof value === 'object' && value !== null && Object.values(value).every((name) => typeof name === 'string' || name === null) ? (value as Record<string, string | null>) : undefined
}

/** What `--set` says, in the types of the step's input, or of the run's where there is no `from`. */
export function setOf(pairs: readonly string[], { config, tracks, orchestrators }: LoadedConfig, { steps, kind, name }: RunPlan, from: string | undefined): Readonly<Record<string, unknown>> {
  const track = tracks.find((known) => known.name === name)
  const orchestrator = orchestrators.find((known) => known.name === name)
  const whole = kind === 'task' ? inputShapeOf(config.registry, { kind, name }) : kind === 'track' && track ? inputShapeOf(config.registry, { kind, definition: track }) : orchestrator && inputShapeOf(config.registry, { kind: 'orchestrator', definition: orchestrator })
  const shape = from === undefined ? whole : shapeOfStep(config.registry, steps, track ?? orchestrator, withoutNumbers(from))
  const set = pairs.map((pair) => splitPair(pair))
  for (const [path] of set) {
    const [key, ...rest] = keysOf(path)
    if (typeof key === 'string') refuseUnknown({ [key]: nested(rest) }, shape)
  }
  return Object.fromEntries(set.map(([path, value]) => [path, valueOf(value, shapesAt(shape, keysOf(path)))]))
}

/** What a step takes: a task, or a track that steps of the plan lie in. */
function shapeOfStep(registry: Registry, steps: readonly PlannedStep[], definition: TrackDefinition | OrchestratorDefinition | undefined, from: string): Shape | undefined {
  const isFrom = (path: string) => path === from || path.endsWith(`/${from}`)
  const step = steps.find(({ path, step: id }) => id === from || isFrom(withoutNumbers(path)))
  if (step) return Object.hasOwn(registry, step.taskName) ? inputShapeOf(registry, { kind: 'task', name: step.taskName }) : undefined
  const inside = steps.find(({ path }) => isFrom(withoutNumbers(path.slice(0, path.lastIndexOf('/')))))
  const track = inside && definition && tracksIn([definition]).find(({ name }) => name === inside.track)
  return track && inputShapeOf(registry, { kind: 'track', definition: track })
}

/** A value in which something stands at that place. */
const nested = (keys: readonly (string | number)[]): unknown => keys.reduceRight<unknown>((inner, key) => (typeof key === 'number' ? Object.assign([], { [key]: inner }) : { [key]: inner }), true)

/** The keys of a path inside one call: the number of an item comes before. */
function keysOf(path: string): readonly (string | number)[] {
  const inside = path.replace(/^\[\d+\]\.?/, '')
  return inside === '' ? [] : parseJsonPath(inside)
}
