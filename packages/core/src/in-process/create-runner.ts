import { checkRegistry, DefinitionError, jsonValue, type Registry } from '@track-orchestrator/registry'
import { adviceOnName, aFunction, checkOptions, durationMs, either, listOf, madeBy, objectWith, oneOf, recordOf, required, signal, text, wholeNumber, type RulesOf } from '@track-orchestrator/registry/options'
import type { OrchestratorDefinition, TrackDefinition } from '../definition/definition.ts'
import { runLimitsRule, type RunLimits } from '../costs/cost-limit.ts'
import { checkPricedTasks, pricesRule, type Prices } from '../costs/prices.ts'
import type { DamagedRun } from '../journal/damaged-run.ts'
import type { Journal } from '../journal/journal.ts'
import { refuseAll, type RunFilter } from '../journal/list-runs.ts'
import type { RunLog } from '../log/run-log.ts'
import type { RunContext } from '../run/open-run.ts'
import { newId } from '../log/new-id.ts'
import { bindRunner, type Asked, type Runner, type RunOf } from '../run/runner.ts'
import type { RunResult } from '../run/runs.ts'
import { Accounts, runnerLimitsRule, type RunnerLimits } from './accounts.ts'
import { engineRules, openInProcessEngine, type InProcessOptions } from './in-process-engine.ts'
import { notAsked } from './answer-run.ts'
import { JournaledRuns, planNew, type PlanOptions, type ResumeOptions } from './journaled-runs.ts'
import type { RunPlan } from './plan-run.ts'
import { resumeAll, type ResumeAllOptions, type ResumedRun } from './resume-all.ts'
import { HeldRuns, runKeyOf, runKeyRules, type RunKeyOptions } from './run-key.ts'

/** What may be said of one run on the in-process engine. */
export interface InProcessContext extends RunKeyOptions {
  /** Aborting it cancels the run. */
  readonly signal?: AbortSignal
  /** Default: a UUID v7. */
  readonly runId?: string
  /** How much the run may spend, in place of what the runner's own `limits` say of a run. */
  readonly limits?: RunLimits
}

export interface RunnerOptions<R extends Registry, Defaults extends object> extends InProcessOptions<R> {
  readonly registry: R
  /** Where the events of every run go. Default: nowhere. */
  readonly logs?: readonly RunLog[]
  /** How long a run may wait at its end for its logs, in milliseconds. A log that keeps events on disk makes no run wait. Default 2,000. */
  readonly flushMs?: number
  /** Laid beneath every payload. */
  readonly defaults?: Defaults
  /** What units cost that handlers report (`context.cost`): costs are told in the currency as well. Default: in their own units alone. */
  readonly prices?: Prices
  /** How much each run, and all runs of a tenant, may spend. Default: no limit. */
  readonly limits?: RunnerLimits
  /** Where runs are written down, so that they outlive this process (`createJournal`). Default: nowhere. */
  readonly journal?: Journal
  /** The tracks that `resume` may have to go on with. */
  readonly tracks?: readonly TrackDefinition[]
  /** The orchestrators that `resume` may have to go on with. */
  readonly orchestrators?: readonly OrchestratorDefinition[]
}

/** The runners of one process. */
export interface InProcessRunner<R extends Registry, Defaults = {}> extends Runner<R, InProcessContext, Defaults> {
  /**
   * Goes on with a run that failed, was cancelled, or whose process ended: what finished in it is not run again where its input is what
   * it was. A run that has succeeded answers its output; where it did without something that failed (`onTrackFailure: 'continue'`, `onError`,
   * `onItemError`; not in a race), that is done again. Tells how the run ended, as data. Throws `DefinitionError` where the runner has
   * no journal or no such definition, `journal/place_vanished` where a step that finished is gone from the definition and `map` does not say
   * what became of it, and what `Journal.reopen` throws.
   */
  readonly resume: (runId: string, options?: ResumeOptions & Pick<InProcessContext, 'signal' | 'limits'>) => Promise<RunResult>
  /**
   * Goes on with every run that a filter finds, as `resume` does with one: those that failed, were cancelled, or whose process has ended. Tells of each
   * what became of it; what one ends with stops no other. Damaged ones that may be meant are `refused`. Throws `DefinitionError` where there is no journal, or the filter says nothing.
   */
  readonly resumeAll: (filter: RunFilter, options?: ResumeAllOptions & Pick<InProcessContext, 'signal' | 'limits'>) => Promise<ResumedRun[]>
  /**
   * Answers what a step of a run asks for (`approve`), by the step's id or path. A run that goes on takes the answer at once, also in another process;
   * one whose process has ended, when it is resumed. The first answer holds. Throws `ContractError` where it is not what the step's schema
   * wants, `approval/answered`, `approval/timed_out`, `approval/not_asked`, and what `Journal.read` throws. Without a journal, only runs of
   * this runner that go on can be answered.
   */
  readonly answer: (runId: string, step: string, value: unknown) => Promise<void>
  /**
   * What `resume` (or, with `from` or `set`, `fork`) would do with each step, reuse or run it, and why; nothing is run or written. Given a
   * definition: the steps of a run that is to begin. Throws what `resume` throws.
   */
  readonly plan: (run: string | TrackDefinition | OrchestratorDefinition, options?: PlanOptions) => Promise<RunPlan>
  /**
   * Begins a new run that takes over what finished in another one before the step `from` (an id or path, `translate[3]` for one item), and
   * does everything from there on anew. `set`: by JSON path, what takes the place of what stands in the step's input. Without `from`, `set`
   * changes the run's payload, and what has the same input as before is taken over. A run that sets the input of an item, or of a time, that there is not
   * fails (`definition_invalid`). The other run stays as it is.
   */
  readonly fork: (runId: string, options?: Pick<PlanOptions, 'from' | 'set'> & Omit<InProcessContext, keyof RunKeyOptions>) => Promise<RunResult>
}

/** The runners, bound to an in-process engine of their own. */
export function createRunner<const R extends Registry, Defaults extends object = {}>(options: RunnerOptions<R, Defaults>): InProcessRunner<R, Defaults> {
  const { registry, logs, flushMs, defaults, journal, tracks, orchestrators, prices, limits, ...engineOptions } = checkOptions<RunnerOptions<R, Defaults>>('createRunner', options, runnerRules)
  checkRegistry('createRunner: registry', registry)
  checkTaskNames(registry, engineOptions.taskConcurrency)
  checkPricedTasks('createRunner', registry, prices)
  const accounts = new Accounts({ prices, limits, journal })
  for (const known of [tracks, orchestrators]) refuseDoubled(known ?? [])
  tellOfSchedules([...(tracks ?? []), ...(orchestrators ?? [])])
  const runs = journal && new JournaledRuns(journal, { tracks, orchestrators }, accounts)
  const engine = openInProcessEngine<R>(engineOptions, runs?.memoryOf)
  const contextOf = (context: InProcessContext | undefined): RunContext => {
    // One by one: that of a run is made for each, and what is spread takes V8 as long as half the run does.
    const { runId, limits: ownLimits, signal: ownSignal }: InProcessContext = context === undefined ? {} : checkOptions<InProcessContext>('The context of a run', context, contextRules)
    return { engine, registry, logs, flushMs, runId, signal: ownSignal, limits: ownLimits, ledger: accounts.ledger(ownLimits) }
  }
  const held = new HeldRuns()
  const begin = (asked: Asked, given: InProcessContext | undefined, run: RunOf): Promise<RunResult> => {
    const context = contextOf(given)
    const key = given && runKeyOf(asked, given)
    if (runs) return runs.run(asked, context, run, key)
    if (!key) return run(context, asked.payload)
    const runId = context.runId ?? newId()
    return held.run(key, asked, runId, context.signal, () => run({ ...context, runId }, asked.payload))
  }
  const runner = bindRunner<R, InProcessContext, Defaults>(contextOf, defaults, begin)
  const theRuns = (): JournaledRuns => {
    if (!runs) throw new DefinitionError('createRunner: without the option journal no run outlives its process, and none can be resumed, planned or forked.')
    return runs
  }
  const resume: InProcessRunner<R>['resume'] = async (runId, how) => {
    const { signal: own, limits: ownLimits, ...rest } = checkOptions('resume', how ?? {}, resumeRules)
    return theRuns().resume(runId, contextOf({ ...(own && { signal: own }), ...(ownLimits && { limits: ownLimits }) }), rest)
  }
  return {
    ...runner,
    resume,
    async resumeAll(filter, how) {
      const { concurrency, onEnd, ...rest } = checkOptions('resumeAll', how ?? {}, { ...resumeRules, concurrency: wholeNumber({ from: 1 }), onEnd: aFunction })
      theRuns()
      refuseAll('resumeAll', filter)
      const damaged: DamagedRun[] = []
      const unfinished = await journal!.unfinished(filter, { onDamaged: (run) => damaged.push(run) })
      return resumeAll([...unfinished, ...damaged], (runId) => resume(runId, rest), { concurrency, onEnd, signal: rest.signal })
    },
    async fork(runId, how) {
      const { from, set, ...context } = checkOptions('fork', how ?? {}, { ...forkRules, signal, runId: contextRules.runId, limits: runLimitsRule })
      return theRuns().fork(runId, contextOf(context), { from, set })
    },
    async answer(runId, step, value) {
      if (await engine.questions.answer(runId, step, value)) return
      if (!runs) throw notAsked(runId, step, 'No run of this process asks for that, and without a journal nobody knows of others: it has not come so far, has ended, or goes on elsewhere.')
      await runs.answer(runId, step, value, registry)
    },
    async plan(run, how) {
      const checked = checkOptions('plan', how ?? {}, { ...planRules, ...forkRules })
      return typeof run === 'string' ? theRuns().plan(run, contextOf(undefined), checked) : planNew(run, registry)
    },
  }
}

/** Whoever waits for a run that a schedule is to begin must not wait in vain. */
function tellOfSchedules(definitions: readonly (TrackDefinition | OrchestratorDefinition)[]): void {
  const names = definitions.filter(({ schedule }) => schedule).map(({ name }) => name)
  if (names.length > 0) process.emitWarning(`${names.join(', ')}: a schedule begins runs on Trigger.dev only (createTriggerWorker). This runner runs what it is asked to.`, { type: 'TracksWarning' })
}

/** A run is gone on with by the name of its definition. */
function refuseDoubled(definitions: readonly (TrackDefinition | OrchestratorDefinition)[]): void {
  const byName = new Map<string, object>()
  for (const definition of definitions) {
    if ((byName.get(definition.name) ?? definition) !== definition) throw new DefinitionError(`createRunner: two definitions are called ${JSON.stringify(definition.name)}: a run of that name could not be resumed. Rename one, or leave it out.`)
    byName.set(definition.name, definition)
  }
}

/** A limit for a task that is not there would limit nothing. */
function checkTaskNames(registry: Registry, taskConcurrency: object = {}): void {
  for (const name of Object.keys(taskConcurrency)) {
    if (!Object.hasOwn(registry, name)) throw new DefinitionError(`createRunner: taskConcurrency.${name}: the registry has no such task. ${adviceOnName(name, Object.keys(registry))}`)
  }
}

const runnerRules = { ...engineRules, prices: pricesRule, limits: runnerLimitsRule, registry: required(madeBy('defineRegistry({ … })')), logs: listOf(madeBy('createConsoleLog()', 'write', 'flush')), flushMs: durationMs(), defaults: objectWith(), journal: madeBy('createJournal({ folder })', 'begin', 'reopen'), tracks: listOf(objectWith()), orchestrators: listOf(objectWith()) }
const letGo = { ...oneOf(null as never), expects: 'null' }
const planRules = { force: listOf(text()), map: recordOf(either(text(), letGo)) }
const resumeRules = { ...planRules, signal, limits: runLimitsRule }
const forkRules = { from: text(), set: recordOf(jsonValue) }
const contextRules: RulesOf<InProcessContext> = { signal, runId: text({ maxLength: 200 }), limits: runLimitsRule, ...runKeyRules }
