import { randomUUID } from 'node:crypto'
import type { RunLimits } from '@track-orchestrator/core'
import type { BaseFields } from '@track-orchestrator/registry'
import { DefinitionError, jsonValue, TimedOutError, toTracksError, withValueAt } from '@track-orchestrator/registry'
import { checkOptions, durationMs, objectWith, oneOf, recordOf, refuse, signal as aSignal, text, wholeNumber, type Rule } from '@track-orchestrator/registry/options'
import { wait as pause } from '@track-orchestrator/registry/waiting'
import { runs, tasks, type TriggerOptions } from '@trigger.dev/sdk'
import { readCarried, reservedKey } from '../crossing/carried.ts'
import type { PayloadStore } from '../crossing/claim-check.ts'
import { sealPayload, wholePayload } from '../crossing/payload.ts'
import { checkRunId, forkOptions, limitOptions, resumeOptions, type ForkFrom } from '../crossing/resume.ts'
import { tagOf } from '../crossing/tags.ts'
import { ask, pausing } from './ask.ts'
import { listRuns, type ListedRun, type ListQuery } from './list-runs.ts'
import { cancelRuns, resumeRuns, type CancelledRun, type ManyQuery, type ResumedRun } from './many-runs.ts'
import { answerQuestion, questionsOf, type QuestionOf, type RunQuestion } from './questions.ts'
import type { AnswerTo, AskedBy, ClientDefinitions, InputOf, NameOf, OutputOf, StepOf } from './runnables.ts'
import { startUnderKey, type RunKeyOptions } from './run-key.ts'
import { runSteps, type RunStep } from './run-steps.ts'
import { stateOf, type RunState, type TriggerRun } from './run-state.ts'

export interface ClientOptions {
  /** The store of the worker. Needed only where an output is too big to travel. */
  readonly payloadStore?: PayloadStore
}

/** A run that was triggered. `Output`, and the questions that it may ask: types only. */
export interface TriggeredRun<Output = unknown, Asked = unknown> {
  readonly id: string
  /** Of the track, orchestrator or task. */
  readonly name: string
  readonly '~output'?: Output
  readonly '~asked'?: Asked
}

/** How a run is started. */
export interface StartOptions extends TriggerOptions {
  /** How much the run may spend, in place of what the worker says. What steps had cost that a resumed run reuses counts. */
  readonly limits?: RunLimits
}

export interface FollowOptions {
  /** Aborting it ends the waiting, not the run. */
  readonly signal?: AbortSignal
  /** How long to wait between two looks, in milliseconds. From 100 on; default 1,000. */
  readonly pollMs?: number
  /** How long to wait in all, in milliseconds. Default: as long as it takes. */
  readonly timeoutMs?: number
}

/**
 * Runs by their definitions' types. Where Trigger.dev does not answer, or refuses, a call rejects with an error of ours (`provider_failed` for
 * what may pass, else a `client/…`), after the SDK's own retries; following a run goes on through what may pass.
 */
export interface Client<Definitions> {
  /**
   * Starts a run, and does not wait for it. An answer that is lost is asked for again, and starts no second run. `options`: the SDK's (`delay`, `tags`, `metadata`
   * and so on), and `runKey`: one run for one thing; and `limits`. The run is given the tags `tenant:…` and `project:…` of its payload, where there is room for them.
   */
  readonly trigger: <Name extends NameOf<Definitions>>(name: Name, payload: InputOf<Definitions, Name> & BaseFields, options?: StartOptions & RunKeyOptions) => Promise<TriggeredRun<OutputOf<Definitions, Name>, AskedBy<Definitions, Name>>>
  /** How a run is now. Give a run that was triggered, or an id with the type of its output. */
  readonly retrieve: <Output = unknown>(run: TriggeredRun<Output> | string) => Promise<RunState<Output>>
  /** The output of a run, when it has ended; throws the error that ended it, and `timed_out` after `timeoutMs`. */
  readonly wait: <Output = unknown>(run: TriggeredRun<Output> | string, options?: FollowOptions) => Promise<Output>
  /** Every state of a run that differs from the one before, up to its end. It asks; `stateOf` reads what Realtime tells. */
  readonly subscribe: <Output = unknown>(run: TriggeredRun<Output> | string, options?: FollowOptions) => AsyncIterable<RunState<Output>>
  /** What a run means that the SDK gave (`runs.retrieve`, `runs.subscribeToRun`). */
  readonly stateOf: <Output = unknown>(run: TriggerRun) => Promise<RunState<Output>>
  /** Starts a run that goes on where an earlier one of the same name stopped, with the same payload: what finished in it is not run again. */
  readonly resume: <Output = unknown, Asked = unknown>(run: TriggeredRun<Output, Asked> | string, options?: StartOptions) => Promise<TriggeredRun<Output, Asked>>
  /**
   * Starts a run that takes over what finished before the step `from` (an id or path, `translate[3]` for one item) in an earlier one of the same
   * name, and does everything from there on anew. `set`: by JSON path, what takes the place of what stands in the step's input. Without `from`,
   * `set` changes the payload, and what has the same input as before is taken over. The earlier run stays as it is. What is not there is told by how the new run ends.
   */
  readonly fork: <Output = unknown, Asked = unknown>(run: TriggeredRun<Output, Asked> | string, fork: Partial<ForkFrom>, options?: StartOptions) => Promise<TriggeredRun<Output, Asked>>
  /**
   * Answers what a step of a run asks for (`approve`), by the step's id or path: of a run that was triggered, with what that step's schema takes, or yes
   * and no; of an id, with anything. The first answer holds. Throws `approval/not_asked`,
   * `approval/answered` and `approval/timed_out`. The run checks the answer by the step's schema: one that does not fit is asked for again.
   */
  readonly answer: {
    (run: string, step: string, value: unknown): Promise<void>
    <Asked, const Step extends StepOf<Asked>>(run: TriggeredRun<unknown, Asked>, step: Step, value: AnswerTo<Asked, Step>): Promise<void>
  }
  /** What a run waits with for an answer. */
  readonly questions: {
    (run: string): Promise<RunQuestion[]>
    <Asked>(run: TriggeredRun<unknown, Asked>): Promise<QuestionOf<Asked>[]>
  }
  /** Runs that were triggered, the latest first; not their parts. */
  readonly list: (query?: ListQuery) => Promise<ListedRun[]>
  /** The steps that a run has started, in that order, each with how it stands. What a resumed or forked run took over is not among them. Asks once for each step. */
  readonly steps: (run: TriggeredRun | string) => Promise<RunStep[]>
  /** Cancels a run, and with it all that it started. One that has ended stays as it is. */
  readonly cancel: (run: TriggeredRun | string) => Promise<void>
  /**
   * Cancels every run that the query finds and that has not ended, several at once, waits for their ends, and tells what became of each. By `tenantId` and
   * `projectId` those are found that carry the tags. `timeoutMs`: for all together, default 60,000; `pollMs`: default 500. Throws `DefinitionError` for a query that says nothing.
   */
  readonly cancelAll: (query: ManyQuery, options?: FollowOptions) => Promise<CancelledRun[]>
  /**
   * Resumes every run that the query finds and that failed or was cancelled, several at once, unless another run has resumed it; tells what became of each.
   * Does not wait for the runs that it starts. Throws `DefinitionError` for a query that says nothing.
   */
  readonly resumeAll: (query: ManyQuery, options?: StartOptions) => Promise<ResumedRun[]>
}

/**
 * A client for backends: `createClient<typeof config>()`, with `import type config from …`, so that no handler gets into the backend. Speaks by
 * Trigger.dev's SDK, as that is configured (`TRIGGER_SECRET_KEY`, `TRIGGER_API_URL`, or `configure`).
 */
export function createClient<Definitions extends ClientDefinitions>(options: ClientOptions = {}): Client<Definitions> {
  const { payloadStore } = checkOptions<ClientOptions>('createClient', options, { payloadStore: objectWith('put', 'get') })
  const idOf = (run: TriggeredRun | string) => checkRunId('The run that is asked about', typeof run === 'string' ? run : run?.id)
  const retrieved = async (run: TriggeredRun | string) => {
    const id = idOf(run)
    return (await ask(`tell of ${id}`, () => runs.retrieve(id))) as TriggerRun
  }

  async function* subscribe<Output>(run: TriggeredRun<Output> | string, following: FollowOptions = {}): AsyncGenerator<RunState<Output>> {
    const { signal, pollMs = 1_000, timeoutMs } = checkOptions<FollowOptions>('Following a run', following, followRules)
    const until = timeoutMs === undefined ? Number.POSITIVE_INFINITY : Date.now() + timeoutMs
    let told = ''
    while (true) {
      signal?.throwIfAborted()
      const given = await pausing(() => retrieved(run), { pollMs, until, signal })
      const now = JSON.stringify([given.status, given.metadata])
      if (now !== told) {
        told = now
        const state = await stateOf<Output>(given, payloadStore)
        yield state
        if ('finishedAt' in state) return
      }
      if (Date.now() >= until) throw new TimedOutError(`${given.taskIdentifier} (${given.id}) had not ended after ${String(timeoutMs)} ms; it goes on.`)
      await pause(Math.min(pollMs, Math.max(0, until - Date.now())), signal)
    }
  }

  const start = async (name: string, whole: unknown, { limits, ...own }: StartOptions = {}) => {
    const given: TriggerOptions = withTags(whole, limits ? limitOptions(limits, own) : own)
    const { payload, packing } = sealPayload(whole)
    // The same for every try, so that a request whose answer was lost gives the run that it has started.
    const once = given.idempotencyKey === undefined && given.debounce === undefined ? { idempotencyKey: randomUUID(), idempotencyKeyTTL: '1h' } : {}
    const { id } = await ask(`start ${name}`, () => tasks.trigger(name, payload, { ...given, ...once, ...(packing && { metadata: { ...given.metadata, [reservedKey]: { ...(given.metadata?.[reservedKey] as object | undefined), packed: { ...packing } } } }) }))
    return { id, name }
  }
  const resume = async (run: TriggeredRun | string, given?: StartOptions) => {
    const earlier = await retrieved(run)
    return start(earlier.taskIdentifier, payloadOf(earlier), resumeOptions(earlier.id, { ...given }))
  }
  return {
    async trigger(name: string, payload: object, given: StartOptions & RunKeyOptions = {}) {
      if (given.metadata && Object.hasOwn(given.metadata, reservedKey)) throw new DefinitionError(`The metadata key ${reservedKey} is reserved. Give your own metadata another key; a run is resumed by resume().`)
      const { id } = await startUnderKey(name, payload, given, { start, isCancelled: async (runId) => (await retrieved(runId)).status === 'CANCELED' })
      return { id, name }
    },
    retrieve: async (run: TriggeredRun | string) => stateOf(await retrieved(run), payloadStore),
    async wait(run: TriggeredRun | string, following?: FollowOptions) {
      let last: RunState | undefined
      for await (const state of subscribe(run, following)) last = state
      if (last?.status === 'succeeded') return last.output
      throw last && 'error' in last ? last.error : toTracksError(new Error('The run did not end'))
    },
    subscribe,
    stateOf: (run: TriggerRun) => stateOf(run, payloadStore),
    resume,
    async fork(run: TriggeredRun | string, fork: Partial<ForkFrom>, given?: StartOptions) {
      const { from, set = {} } = checkOptions<Partial<ForkFrom>>('fork', fork, { from: text(), set: recordOf(jsonValue) })
      const earlier = await retrieved(run)
      if (from !== undefined) return start(earlier.taskIdentifier, payloadOf(earlier), forkOptions(earlier.id, { from, set }, { ...given }))
      let payload = payloadOf(earlier)
      for (const [path, value] of Object.entries(set)) payload = withValueAt(payload, path, value)
      return start(earlier.taskIdentifier, payload, resumeOptions(earlier.id, { ...given }))
    },
    list: async (query: ListQuery = {}) => listRuns(checkOptions<ListQuery>('list', query, listRules)),
    steps: async (run: TriggeredRun | string) => runSteps(idOf(run)),
    answer: async (run: TriggeredRun | string, step: string, value: unknown) => answerQuestion(await retrieved(run), step, value),
    questions: async (run: TriggeredRun | string) => questionsOf(await retrieved(run)),
    async cancel(run: TriggeredRun | string) {
      await ask(`cancel ${idOf(run)}`, () => runs.cancel(idOf(run)))
    },
    cancelAll: async (query: ManyQuery, waiting: FollowOptions = {}) => cancelRuns(checkOptions<ManyQuery>('cancelAll', query, manyRules), checkOptions<FollowOptions>('cancelAll', waiting, followRules)),
    resumeAll: async (query: ManyQuery, given?: StartOptions) => resumeRuns(checkOptions<ManyQuery>('resumeAll', query, manyRules), (runId) => resume(runId, given)),
  } as unknown as Client<Definitions>
}

/** Against what is no date, every run would be late enough. */
const aDate: Rule = {
  expects: 'a valid Date, as new Date(Date.now() - 86_400_000)',
  check(value, name) {
    return value instanceof Date && !Number.isNaN(value.getTime()) ? value : refuse(name, this.expects, value)
  },
}
const manyRules = { name: text(), status: oneOf('queued', 'running', 'waiting', 'succeeded', 'failed', 'cancelled'), tenantId: text(), projectId: text(), since: aDate }
const listRules = { ...manyRules, limit: wholeNumber({ from: 1 }) }
const followRules = { signal: aSignal, pollMs: durationMs({ from: 100 }), timeoutMs: durationMs() }

/** As many as a run may carry. */
const mostTags = 10

/** So that a run is found by its tenant and its project, which stand in its payload: lists hold no payloads. */
function withTags(payload: unknown, options: TriggerOptions): TriggerOptions {
  const { tenantId, projectId } = (payload ?? {}) as { readonly tenantId?: unknown; readonly projectId?: unknown }
  const own = [options.tags ?? []].flat()
  const added = [...(typeof tenantId === 'string' ? [tagOf('tenant', tenantId)] : []), ...(typeof projectId === 'string' ? [tagOf('project', projectId)] : [])].filter((tag) => !own.includes(tag))
  return added.length === 0 || own.length + added.length > mostTags ? options : { ...options, tags: [...own, ...added] }
}

function payloadOf({ payload, metadata }: TriggerRun): unknown {
  return wholePayload(payload, readCarried(metadata).packed)
}
