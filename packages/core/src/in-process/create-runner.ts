import type { Registry } from '@track-orchestrator/registry'
import type { RunLog } from '../log/run-log.ts'
import { bindRunner, type Runner } from '../run/runner.ts'
import { createInProcessEngine, type InProcessOptions } from './in-process-engine.ts'

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
  const { registry, logs, defaults } = options
  const engine = createInProcessEngine<R>(options)
  return bindRunner<R, InProcessContext, Defaults>((context) => ({ engine, registry, logs, signal: context?.signal, runId: context?.runId }), defaults)
}
