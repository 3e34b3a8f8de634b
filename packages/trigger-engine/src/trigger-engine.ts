import type { Engine, RunTasksOptions, TaskCall, TaskOutcome, TrackOutcome, TrackPlan } from '@track-orchestrator/core'
import { callKey } from '@track-orchestrator/core/engine'
import { errorToJson, toTracksError, TracksError, type TaskEnvelope } from '@track-orchestrator/registry'
import { batch, idempotencyKeys, runs, tasks, type TriggerOptions } from '@trigger.dev/sdk'
import type { ClaimCheck } from './claim-check.ts'
import type { OneWait } from './one-wait.ts'
import { fromTriggerError, isCancellation, isThrownByUs } from './trigger-error.ts'
import type { CallTicket, TicketedPayload, TrackTicket } from './wire.ts'

/** What an engine needs of the Trigger.dev run that it waits in. */
export interface EngineOptions {
  /** The Trigger.dev run. */
  readonly runId: string
  readonly signal: AbortSignal
  readonly claims: ClaimCheck
  /** Shared by everything that waits in the same attempt of the run. */
  readonly oneWait: OneWait
  /** Called before each wait: the process may be frozen meanwhile. */
  readonly beforeWait: () => Promise<void>
}

interface Item {
  readonly id: string
  readonly payload: TicketedPayload
  readonly options: TriggerOptions
}
type Result = { readonly ok: true; readonly id: string; readonly output: unknown } | { readonly ok: false; readonly id: string; readonly error: unknown }

/** One batch holds no more items (https://trigger.dev/docs/limits#batch-size). */
const batchLimit = 1_000

/** Calls as child runs of one Trigger.dev run. Made for each attempt of a run; it waits for one thing at a time, as Trigger.dev demands. */
export class TriggerEngine implements Engine {
  readonly #options: EngineOptions

  constructor(options: EngineOptions) {
    this.#options = options
  }

  async runTask(call: TaskCall): Promise<TaskOutcome> {
    const [outcome] = await this.runTasks([call], {})
    return outcome!
  }

  async runTasks(calls: readonly TaskCall[], { concurrency = batchLimit, onSettled }: RunTasksOptions): Promise<TaskOutcome[]> {
    if (calls.length === 0) return []
    const what = calls.length === 1 ? calls[0]!.path : `${calls.length} tasks from ${calls[0]!.path} on`
    const outcomes: TaskOutcome[] = []
    const items = () => Promise.all(calls.map((call) => this.#itemOf(call)))
    await this.#wait(what, items, (made) =>
      this.#inChunks(made, concurrency, async (chunk, first) => {
        const ofChunk = calls.slice(first, first + chunk.length)
        for (const { observer } of ofChunk) observer?.started?.()
        const results = await this.#runItems(chunk, true)
        const ended = await Promise.all(results.map((result, place) => this.#outcomeOf(ofChunk[place]!, result)))
        for (const [place, outcome] of ended.entries()) {
          ofChunk[place]!.observer?.ended?.(outcome)
          onSettled?.(first + place, outcome)
        }
        outcomes.push(...ended)
      }),
    )
    return outcomes
  }

  /** All tracks start as child runs in one batch; each joins what it waits for by itself (`joinTrack`). So no track waits for a level. */
  async runTracks(plan: TrackPlan): Promise<TrackOutcome[]> {
    const count = plan.graph.names.length
    if (count === 0) return []
    const outcomes: TrackOutcome[] = []
    const items = () => Promise.all(plan.graph.names.map((_, index) => this.#trackItem(ticketOf(plan, index), plan.origin.base, plan.origin.inputOf(index))))
    await this.#wait(`the tracks of ${plan.origin.path}`, items, (made) =>
      this.#inChunks(made, plan.concurrency ?? batchLimit, async (chunk) => {
        const results = await this.#runItems(chunk, false)
        outcomes.push(...(await Promise.all(results.map((result) => this.#trackOutcome(result)))))
      }),
    )
    for (const [index, outcome] of outcomes.entries()) if (outcome.status === 'skipped') plan.skipTrack(index, outcome)
    return outcomes
  }

  /** Waits for a track that goes on already as a sibling, or starts it: the same key gives the same run. */
  async joinTrack(ticket: TrackTicket, base: TicketedPayload, input: unknown): Promise<TrackOutcome> {
    const item = () => this.#trackItem(ticket, base, input)
    return this.#wait(ticket.ownPath, item, async (made) => this.#trackOutcome((await this.#runItems([made], false))[0]!))
  }

  #wait<Prepared, Value>(what: string, prepare: () => Promise<Prepared>, wait: (prepared: Prepared) => Promise<Value>): Promise<Value> {
    const { oneWait, beforeWait } = this.#options
    return oneWait.hold(what, async () => {
      const [prepared] = await Promise.all([prepare(), beforeWait()])
      return prepared
    }, wait)
  }

  async #inChunks(items: readonly Item[], concurrency: number, runChunk: (chunk: readonly Item[], first: number) => Promise<void>): Promise<void> {
    const size = Math.max(1, Math.min(batchLimit, concurrency))
    for (let first = 0; first < items.length; first += size) await runChunk(items.slice(first, first + size), first)
  }

  /** Runs one batch. The same key twice in it would hang the run for ever: such items share one run and its result. */
  async #runItems(items: readonly Item[], renewStale: boolean): Promise<Result[]> {
    const keyOf = ({ id, options }: Item) => `${id} ${String(options.idempotencyKey)}`
    const unique = [...new Map(items.map((item) => [keyOf(item), item])).values()]
    const startedAt = Date.now()
    const fresh = await start(unique)
    const byKey = new Map<string, Result>()
    for (const [place, item] of unique.entries()) {
      const result = fresh[place]!
      byKey.set(keyOf(item), renewStale && (await this.#isStale(result, startedAt)) ? await renew(item, result) : result)
    }
    return items.map((item) => byKey.get(keyOf(item))!)
  }

  /**
   * A task's run that was cancelled keeps its key: a resumed walk would be handed the old cancellation for a month. (A track's key
   * holds for one run only: what is cancelled there is cancelled now.)
   */
  async #isStale(result: Result, startedAt: number): Promise<boolean> {
    if (result.ok || result.id === '' || !isCancellation(result.error) || this.#options.signal.aborted) return false
    const { finishedAt } = await runs.retrieve(result.id).catch(() => ({ finishedAt: undefined }))
    return finishedAt !== undefined && finishedAt.getTime() < startedAt
  }

  async #itemOf(call: TaskCall): Promise<Item> {
    const { contract, runId, runName, walkId, path, track, step, nested, kept, retry, timeoutMs, base } = call
    const { machine, concurrencyKey } = contract.placement ?? {}
    const cut = path.lastIndexOf('/')
    const ticket: CallTicket = {
      ...{ runId, runName, walkId, kept, track, step, nested, parentPath: path.slice(0, cut), segment: path.slice(cut + 1) },
      ...(retry && { retry }),
      ...(timeoutMs !== undefined && { timeoutMs }),
    }
    const $input = await this.#options.claims.handIn(call.payload, walkId, `The input of step ${step} of ${track}`)
    const key = concurrencyKey && base[concurrencyKey]
    return {
      id: contract.name,
      payload: { ...base, $call: ticket, $input },
      options: {
        idempotencyKey: await idempotencyKeys.create(callKey(call), { scope: 'global' }),
        tags: tagsOf(base, track),
        ...(retry?.maxAttempts !== undefined && { maxAttempts: retry.maxAttempts }),
        ...(machine !== undefined && { machine: machine as NonNullable<TriggerOptions['machine']> }),
        ...(key !== undefined && { concurrencyKey: key }),
      },
    }
  }

  /** A track's key holds for this walk of this run only: a resumed run walks its tracks again, and reuses their finished tasks. */
  async #trackItem(ticket: TrackTicket, base: TicketedPayload, input: unknown): Promise<Item> {
    const $input = await this.#options.claims.handIn(input, ticket.walkId, `The input of ${ticket.ownPath}`)
    const name = ticket.ownPath.slice(ticket.ownPath.lastIndexOf('/') + 1)
    const { tenantId, projectId, userId, trampData } = base
    return {
      id: ticket.owner.kind === 'forEach' ? ticket.owner.name : name,
      payload: { tenantId, projectId, ...(userId !== undefined && { userId }), ...(trampData !== undefined && { trampData }), $track: ticket, $input },
      options: { idempotencyKey: await idempotencyKeys.create(`${ticket.runId}/${ticket.walkId}/${ticket.ownPath}`, { scope: 'global' }), tags: tagsOf(base, name) },
    }
  }

  /**
   * Whether this run was cancelled itself, so that its children had to fail. Children of a cancelled run may be refused, or die, before
   * the cancellation is heard of here: where a failure is none that a task threw, Trigger.dev is asked.
   */
  async #isStopped(error: unknown): Promise<boolean> {
    const { signal, runId } = this.#options
    if (signal.aborted || isThrownByUs(error)) return signal.aborted
    const own = await runs.retrieve(runId).catch(() => undefined)
    return own?.status === 'CANCELED' || signal.aborted
  }

  async #outcomeOf(call: TaskCall, result: Result): Promise<TaskOutcome> {
    try {
      if (!result.ok) throw (await this.#isStopped(result.error)) ? cancelledCall(call) : fromTriggerError(result.error)
      const { job, results, metadata } = result.output as TaskEnvelope
      return { status: 'succeeded', output: await this.#options.claims.takeOut(results), attempt: job.attempt, metadata }
    } catch (thrown) {
      const error = toTracksError(thrown)
      return { status: 'failed', error, attempt: error.place?.attempt ?? 1, metadata: {} }
    }
  }

  async #trackOutcome(result: Result): Promise<TrackOutcome> {
    if (result.ok) {
      const outcome = result.output as TrackOutcome
      return outcome.status === 'succeeded' ? { ...outcome, output: await this.#options.claims.takeOut(outcome.output) } : outcome
    }
    const error = fromTriggerError(result.error)
    return error.code === 'cancelled' || (await this.#isStopped(result.error)) ? { status: 'cancelled', durationMs: 0 } : { status: 'failed', error: errorToJson(error), thrown: error, durationMs: 0 }
  }
}

/** Starts the items and waits for all of them. One that could not be started has failed. */
async function start(items: readonly Item[]): Promise<Result[]> {
  try {
    const [first] = items
    if (items.length === 1) return [await tasks.triggerAndWait(first!.id, first!.payload, first!.options)]
    return (await batch.triggerAndWait([...items])).runs
  } catch (error) {
    return items.map(() => ({ ok: false, id: '', error }))
  }
}

/** Frees the key that a cancelled run keeps, and starts the item anew. */
async function renew(item: Item, stale: Result): Promise<Result> {
  if (item.options.idempotencyKey === undefined) return stale
  await idempotencyKeys.reset(item.id, String(item.options.idempotencyKey), { scope: 'global' })
  return (await start([item]))[0]!
}

/** The ticket of track number `index` of a plan. */
function ticketOf({ origin, graph, onTrackFailure }: TrackPlan, index: number): TrackTicket {
  const { runId, runName, walkId, kept, owner, path } = origin
  const ownPath = owner.kind === 'forEach' ? `${path}[${index}]` : `${path}/${graph.names[index]}`
  return { runId, runName, walkId, kept, owner, path, ownPath, index, onTrackFailure }
}

function cancelledCall(call: TaskCall): TracksError {
  return new TracksError(`${call.contract.name} was cancelled`, { code: 'cancelled', retryable: false })
}

/** At most ten tags of 128 characters (https://trigger.dev/docs/tags). */
function tagsOf({ tenantId, projectId }: { tenantId: string; projectId: string }, track: string): string[] {
  return [`tenant:${tenantId}`, `project:${projectId}`, `track:${track}`].map((tag) => tag.slice(0, 128))
}

