import type { Registry } from '@track-orchestrator/registry'
import { checkOptions, listOf, objectWith, required, signal, text, type RulesOf } from '@track-orchestrator/registry/options'
import type { RunLog } from '../log/run-log.ts'
import { bindRunner, type Runner } from '../run/runner.ts'
import { createInProcessEngine, engineRules, type InProcessOptions } from './in-process-engine.ts'

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
  /** Laid beneath every payload. */
  readonly defaults?: Defaults
}

/** The runners, bound to an in-process engine of their own. */
export function createRunner<const R extends Registry, Defaults extends object = {}>(options: RunnerOptions<R, Defaults>): Runner<R, InProcessContext, Defaults> {
  const { registry, logs, defaults, ...rest } = checkOptions<RunnerOptions<R, Defaults>>('createRunner', options, runnerRules)
  const engine = createInProcessEngine<R>(rest)
  const contextOf = (context: InProcessContext | undefined) => ({ engine, registry, logs, ...checkOptions<InProcessContext>('The context of a run', context, contextRules) })
  return bindRunner<R, InProcessContext, Defaults>(contextOf, defaults)
}

const runnerRules = { ...engineRules, registry: required(objectWith()), logs: listOf(objectWith('write', 'flush')), defaults: objectWith() }
const contextRules: RulesOf<InProcessContext> = { signal, runId: text({ maxLength: 200 }) }
