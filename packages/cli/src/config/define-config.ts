import type { OrchestratorDefinition, Prices, RunLog, TrackDefinition } from '@track-orchestrator/core'
import type { InProcessOptions, Journal, RunKeeper, RunnerLimits } from '@track-orchestrator/core/in-process'
import type { History } from './history.ts'
import type { RemoteRuns } from './remote-runs.ts'
import type { Registry, TaskHandlers } from '@track-orchestrator/registry'
import { aFunction, anything, checkOptions, either, listOf, madeBy, objectWith, recordOf, required, retryPolicy, text, wholeNumber } from '@track-orchestrator/registry/options'

/** What the `tracks` command works with: the default export of `tracks.config.ts`. */
export interface TracksConfig<R extends Registry = Registry> {
  readonly registry: R
  /** Who does the tasks. As a function: opened only by a command that runs something. */
  readonly handlers: Partial<TaskHandlers<R>> | (() => Partial<TaskHandlers<R>> | Promise<Partial<TaskHandlers<R>>>)
  /** A list, or by name. */
  readonly tracks?: readonly TrackDefinition[] | Readonly<Record<string, TrackDefinition>>
  readonly orchestrators?: readonly OrchestratorDefinition[] | Readonly<Record<string, OrchestratorDefinition>>
  /** Where runs are written down: a folder, from where the configuration lies, or a journal. Default `.tracks`. */
  readonly journal?: string | Journal
  /** Where the events of runs go beside what is shown. As a function: opened only by a command that runs something. */
  readonly logs?: readonly RunLog[] | (() => readonly RunLog[] | Promise<readonly RunLog[]>)
  /** Laid beneath every input: `tenantId` and `projectId`, say, on a laptop that serves one tenant. */
  readonly defaults?: Readonly<Record<string, unknown>>
  readonly concurrency?: InProcessOptions<R>['concurrency']
  readonly taskConcurrency?: InProcessOptions<R>['taskConcurrency']
  readonly retry?: InProcessOptions<R>['retry']
  /** What units cost that handlers report: as `createRunner` takes it. */
  readonly prices?: Prices
  /** How much each run, and all runs of a tenant, may spend; `--max-cost` takes its place for one run. Default: no limit. */
  readonly limits?: RunnerLimits
  /**
   * What `--supabase` reads: `() => createRunReader(client)` of `@track-orchestrator/supabase-logger`. Opened only then; nothing
   * where there is no history here.
   */
  readonly history?: () => History | undefined | Promise<History | undefined>
  /** What `--engine trigger` asks: `() => createClient()` of `@track-orchestrator/trigger-engine/client`. Opened only then. */
  readonly trigger?: () => RemoteRuns | undefined | Promise<RemoteRuns | undefined>
  /**
   * Where else something of runs lies, by what it is called: `tracks delete` deletes it there, and then in the journal. `{ files: createFileKeeper(storage) }` of
   * `@track-orchestrator/media-tasks`, `{ history: createHistoryKeeper(client) }` of `@track-orchestrator/supabase-logger`. As a function: opened only then.
   */
  readonly keepers?: Readonly<Record<string, RunKeeper>> | (() => Readonly<Record<string, RunKeeper>> | Promise<Readonly<Record<string, RunKeeper>>>)
  /**
   * Folders whose audio, video, pictures and subtitles `tracks view` plays where a step refers to them, from where the configuration lies:
   * where runs store their media. Default: none.
   */
  readonly mediaFolders?: readonly string[]
  /**
   * What `tracks check` looks at beside the definitions, by what it is called: each really touches it, and answers what it found, or throws an
   * error whose message says what to do.
   */
  readonly checks?: Readonly<Record<string, () => string | void | Promise<string | void>>>
}

/** The configuration, checked. Throws `DefinitionError`. */
export function defineConfig<const R extends Registry>(config: TracksConfig<R>): TracksConfig<R> {
  return checkOptions<TracksConfig<R>>('defineConfig', config, rules)
}

const rules = {
  registry: required(madeBy('defineRegistry({ … })')),
  handlers: required(either(objectWith(), aFunction)),
  tracks: either(listOf(objectWith()), recordOf(objectWith())),
  orchestrators: either(listOf(objectWith()), recordOf(objectWith())),
  journal: either(text(), madeBy('createJournal({ folder })', 'begin', 'reopen', 'list', 'read')),
  logs: either(listOf(madeBy('createConsoleLog()', 'write', 'flush')), aFunction),
  defaults: recordOf(anything),
  concurrency: wholeNumber({ from: 1 }),
  taskConcurrency: recordOf(wholeNumber({ from: 1 })),
  retry: retryPolicy,
  prices: objectWith(),
  limits: objectWith(),
  history: aFunction,
  trigger: aFunction,
  keepers: either(recordOf(objectWith('deleteRun', 'deleteTenant')), aFunction),
  mediaFolders: listOf(text()),
  checks: recordOf(aFunction),
}
