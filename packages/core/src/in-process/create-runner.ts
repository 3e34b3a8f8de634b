import { DefinitionError, type Registry } from '@track-orchestrator/registry'
import { checkOptions, durationMs, listOf, objectWith, required, signal, text, type RulesOf } from '@track-orchestrator/registry/options'
import type { OrchestratorDefinition, TrackDefinition } from '../definition/definition.ts'
import type { Journal } from '../journal/journal.ts'
import type { RunLog } from '../log/run-log.ts'
import type { RunContext } from '../run/open-run.ts'
import { bindRunner, type Runner } from '../run/runner.ts'
import type { RunResult } from '../run/runs.ts'
import { createInProcessEngine, engineRules, type InProcessOptions } from './in-process-engine.ts'
import { JournaledRuns } from './journaled-runs.ts'

/** What may be said of one run on the in-process engine. */
export interface InProcessContext {
  /** Aborting it cancels the run. */
  readonly signal?: AbortSignal
  /** Default: a UUID v7. */
  readonly runId?: string
}

export interface RunnerOptions<R extends Registry, Defaults extends object> extends InProcessOptions<R> {
  readonly registry: R
  /** Where the events of every run go. Default: nowhere. */
  readonly logs?: readonly RunLog[]
  /** How long a run may wait at its end for its logs, in milliseconds. A log that keeps events on disk makes no run wait. Default 2,000. */
  readonly flushMs?: number
  /** Laid beneath every payload. */
  readonly defaults?: Defaults
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
   * it was. A run that has succeeded answers its output. Tells how the run ended, as data. Throws `DefinitionError` where the runner has
   * no journal or no such definition, and what `Journal.reopen` throws.
   */
  readonly resume: (runId: string, context?: Pick<InProcessContext, 'signal'>) => Promise<RunResult>
}

/** The runners, bound to an in-process engine of their own. */
export function createRunner<const R extends Registry, Defaults extends object = {}>(options: RunnerOptions<R, Defaults>): InProcessRunner<R, Defaults> {
  const { registry, logs, flushMs, defaults, journal, tracks, orchestrators, ...engineOptions } = checkOptions<RunnerOptions<R, Defaults>>('createRunner', options, runnerRules)
  const runs = journal && new JournaledRuns(journal, { tracks, orchestrators })
  const engine = createInProcessEngine<R>(engineOptions, runs?.memoryOf)
  const contextOf = (context: InProcessContext | undefined): RunContext => ({ engine, registry, logs, flushMs, ...checkOptions<InProcessContext>('The context of a run', context, contextRules) })
  const runner = bindRunner<R, InProcessContext, Defaults>(contextOf, defaults, runs && ((asked, context, run) => runs.run(asked, contextOf(context), run)))
  return {
    ...runner,
    async resume(runId, context) {
      if (!runs) throw new DefinitionError('createRunner: without the option journal no run outlives its process, and none can be resumed.')
      return runs.resume(runId, contextOf(context))
    },
  }
}

const runnerRules = { ...engineRules, registry: required(objectWith()), logs: listOf(objectWith('write', 'flush')), flushMs: durationMs(), defaults: objectWith(), journal: objectWith('begin', 'reopen'), tracks: listOf(objectWith()), orchestrators: listOf(objectWith()) }
const contextRules: RulesOf<InProcessContext> = { signal, runId: text({ maxLength: 200 }) }
