import type { Engine, Question, Round, RunTasksOptions, TaskCall, TaskOutcome, TrackOutcome, TrackPlan } from '@track-orchestrator/core'
import { isStarted, notStarted } from '@track-orchestrator/core/engine'
import { addCosts, type Costs } from '@track-orchestrator/registry'
import { metadata } from '@trigger.dev/sdk'
import type { ClaimCheck } from '../crossing/claim-check.ts'
import type { Limits } from '../limits.ts'
import type { Overrides } from '../overrides.ts'
import { closeHalt, openHalt, type HaltWatch } from './halt.ts'
import { inlineFirst, InlineRuns, type InlineTools, type RunThem } from './inline-runs.ts'
import { itemOfCall, itemOfTrack, markOf, prepare, ticketOf, type FanOut, type PlanFacts, type TrackRequest } from './make-item.ts'
import type { OneWait } from './one-wait.ts'
import type { RunLogs } from './run-logs.ts'
import { outcomeOfCall, outcomeOfPart } from './outcomes.ts'
import type { OwnRun } from './read-result.ts'
import type { LaneFanOut } from './run-lanes.ts'
import { runWork } from './run-work.ts'
import { askByToken } from './question-token.ts'
import { waitByToken } from './wait-token.ts'
import { widthOptions } from './width-queue.ts'
import { batchLimit, type Result } from './start-items.ts'

/** What an engine needs of the Trigger.dev run that it waits in. */
export interface EngineOptions {
  readonly run: OwnRun
  readonly claims: ClaimCheck
  readonly limits: Limits
  readonly overrides: ReadonlyMap<string, Overrides>
  /** What is bounded and fits into no queue goes through so many lanes at most, else in waves. */
  readonly mostLanes: number
  /** Shared by everything that waits in the same attempt of the run. */
  readonly oneWait: OneWait
  /** Tells this run to stop, where it is part of a plan that may be halted. */
  readonly halt?: HaltWatch | undefined
  readonly logs: Pick<RunLogs, 'beforeWait' | 'awayAt' | 'noteAway'>
  /** Told when this attempt of the run has to end and be tried again: see `AnswerLost`. */
  readonly onLost: () => void
  /** What inline tasks are run with. Absent where this process is not told who does the tasks: then they get runs of their own. */
  readonly inline?: Pick<InlineTools, 'handlerOf' | 'graceMs' | 'onLimit'> | undefined
  /** Absent where this process is not told who does the tasks. */
  readonly hasHandler?: ((taskName: string) => boolean) | undefined
}

/** Calls as child runs of one Trigger.dev run. Made for each attempt of a run; it waits for one thing at a time, as Trigger.dev demands. */
export class TriggerEngine implements Engine {
  readonly #options: EngineOptions
  readonly #inline: InlineRuns | undefined
  /** How often handlers have asked for calls that lanes start. */
  #asked = 0
  readonly hasHandler?: (taskName: string) => boolean

  constructor(options: EngineOptions) {
    this.#options = options
    const { hasHandler, inline, halt } = options
    if (hasHandler) this.hasHandler = hasHandler
    if (inline) this.#inline = new InlineRuns({ ...inline, halt, nested: { ...(hasHandler && { hasHandler }), runTasks: (calls, asked) => this.#runTasks(calls, asked, true) } })
  }

  async runTask(call: TaskCall): Promise<TaskOutcome> {
    const [outcome] = await this.runTasks([call], {})
    return outcome!
  }

  runTasks(calls: readonly TaskCall[], options: RunTasksOptions): Promise<TaskOutcome[]> {
    return this.#runTasks(calls, options, false)
  }

  wait(call: TaskCall): Promise<TaskOutcome> {
    return waitByToken(call, this.#options)
  }

  ask(call: TaskCall, question: Question): Promise<TaskOutcome> {
    return askByToken(call, question, this.#options)
  }

  /** `inTurn`: the handler of an inline task asks for them, beside which others may work. */
  #runTasks(calls: readonly TaskCall[], options: RunTasksOptions, inTurn: boolean): Promise<TaskOutcome[]> {
    const inline = this.#inline
    const remote: RunThem = (asked, how) => (inTurn && inline ? inline.waitInTurn(() => this.#runRemote(asked, how)) : this.#runRemote(asked, how))
    return inline ? inlineFirst(calls, options, (asked, how) => inline.run(asked, how), remote) : remote(calls, options)
  }

  async #runRemote(calls: readonly TaskCall[], { concurrency = batchLimit, onFailure = 'continue', onSettled }: RunTasksOptions): Promise<TaskOutcome[]> {
    if (calls.length === 0) return []
    const what = calls.length === 1 ? calls[0]!.path : `${calls.length} tasks from ${calls[0]!.path} on`
    const fanOut = concurrency < calls.length ? await this.#fanOut(calls, concurrency, onFailure) : undefined
    const [{ nested, step, track }] = calls as [TaskCall]
    // Each item moves it on as it ends, while this run sleeps.
    const isShown = calls.length > 1 && (!nested || onSettled !== undefined)
    if (isShown) metadata.set('progress', { fraction: 0, note: `of ${calls.length}`, step, track })
    const ahead = expectedBefore(calls)
    const make = () => Promise.all(calls.map((call, index) => prepare(() => itemOfCall(call, this.#options, { items: isShown ? calls.length : 1, ahead: ahead?.[index], fanOut }))))
    const settled = await runWork({ what, count: calls.length, make, concurrency: fanOut?.width ? batchLimit : concurrency, lanes: fanOut?.width ? undefined : this.#lanesOfCalls(calls, { concurrency, onFailure, stop: fanOut?.stop, isShown }) }, this.#options, {
      starting: (numbers) => {
        for (const number of numbers) calls[number]!.observer?.started?.()
      },
      settle: async (index, result) => {
        const call = calls[index]!
        const outcome = await outcomeOfCall(call, result, this.#options)
        call.observer?.ended?.(outcome)
        if (isStarted(outcome)) onSettled?.(index, outcome)
        return outcome
      },
      stops: (outcome) => onFailure === 'stop' && outcome.status === 'failed',
    })
    if (fanOut?.stop !== undefined) await closeHalt(fanOut.stop)
    return calls.map((call, index) => settled[index] ?? notStarted(call))
  }

  /** How the calls are started, of which not so many may go on at once: all, by the limit of a queue, or by lanes. In waves, where there is neither or no token. */
  async #fanOut(calls: readonly TaskCall[], concurrency: number, onFailure: RunTasksOptions['onFailure']): Promise<FanOut | undefined> {
    const { limits, overrides } = this.#options
    const width = widthOptions(calls, concurrency, limits, overrides)
    if (!width && !this.#hasLanes(concurrency)) return undefined
    if (onFailure !== 'stop') return { ...(width && { width }) }
    const { runId, walkId, path, round } = calls[0]!
    const stop = await openHalt(`${runId}/${walkId}/${path}${markOf({ round })}`)
    return stop === undefined ? undefined : { ...(width && { width }), stop }
  }

  /** One at a time is what a run does that waits for each. */
  #hasLanes(concurrency: number): boolean {
    return concurrency > 1 && concurrency <= this.#options.mostLanes
  }

  #lanesOfCalls(calls: readonly TaskCall[], { concurrency, onFailure, stop, isShown }: Pick<RunTasksOptions, 'onFailure'> & { readonly concurrency: number; readonly stop: string | undefined; readonly isShown: boolean }): LaneFanOut | undefined {
    if (!this.#hasLanes(concurrency) || concurrency >= calls.length || (onFailure === 'stop' && stop === undefined)) return undefined
    const { run, halt } = this.#options
    const [{ runId, runName, walkId, kept, path, track, step, nested, base, round }] = calls as [TaskCall]
    // Where a handler asks again, in a further attempt, what had failed is to run again: its lanes are others.
    const asked = nested ? `/${run.attempt}.${++this.#asked}` : ''
    return {
      ticket: {
        ...{ runId, runName, walkId, kept, halts: [...(halt?.tokens ?? []), ...(stop === undefined ? [] : [stop])] },
        of: 'calls',
        ...(stop !== undefined && { stopsAt: 'failure' as const, stop: { token: stop, failed: `an item of ${step}` } }),
        ...(isShown && { items: calls.length }),
        ...sinceOf(run, round),
      },
      ...{ base, track, concurrency, key: `${runId}/${walkId}/${path}${markOf({ round })}${asked}` },
    }
  }

  #lanesOfTracks({ origin, onTrackFailure, race, concurrency = batchLimit, graph }: TrackPlan, token: string | undefined): LaneFanOut | undefined {
    if (!this.#hasLanes(concurrency) || concurrency >= graph.names.length) return undefined
    const stopsAt = race ? 'success' : onTrackFailure === 'continue' ? undefined : 'failure'
    if (stopsAt && token === undefined) return undefined
    const { run, halt } = this.#options
    const { runId, runName, walkId, kept, owner, path, base, round } = origin
    return {
      ticket: {
        ...{ runId, runName, walkId, kept, halts: [...(halt?.tokens ?? []), ...(token === undefined ? [] : [token])] },
        of: 'tracks',
        ...(stopsAt && { stopsAt }),
        ...(stopsAt === 'failure' && { stop: { token: token!, failed: owner.kind === 'forEach' ? `an item of ${owner.name}` : `a track of ${owner.name}` } }),
        ...sinceOf(run, round),
      },
      ...{ base, track: owner.name, concurrency, key: `${runId}/${walkId}/${path}${markOf(origin)}` },
    }
  }

  /** All tracks start as child runs in one batch; each joins what it waits for by itself (`joinTrack`). So no track waits for a level. */
  async runTracks(plan: TrackPlan): Promise<TrackOutcome[]> {
    const { graph, origin, onTrackFailure, race, concurrency = batchLimit } = plan
    if (graph.names.length === 0) return []
    const { run, halt } = this.#options
    // Nobody is to be stopped where neither a failure nor a success stops anybody, or there is nobody else.
    const token = (onTrackFailure === 'continue' && !race) || graph.names.length === 1 ? undefined : await openHalt(`${origin.runId}/${origin.walkId}/${origin.path}${markOf(origin)}`)
    // Tracks that ended in an earlier attempt have been counted.
    if (origin.owner.kind === 'orchestrator' && run.attempt === 1) metadata.set('progress', { fraction: 0, tracks: graph.names.length, tracksEnded: 0 })
    const facts: PlanFacts = { ownerRun: run.id, outerHalts: halt?.tokens ?? [], ...(token !== undefined && { halt: token }) }
    const request = (index: number): TrackRequest => ({ ticket: ticketOf(plan, index, facts), ledger: plan.ledger, base: origin.base, input: origin.inputOf(index) })
    const make = () => Promise.all(graph.names.map((_, index) => prepare(() => itemOfTrack(request(index), this.#options))))
    const settled = await runWork({ what: `the tracks of ${origin.path}`, count: graph.names.length, make, concurrency, lanes: this.#lanesOfTracks(plan, token) }, this.#options, {
      starting: () => {},
      settle: async (index, result) => {
        const { outcome, costs, isLost } = await outcomeOfPart(ticketOf(plan, index, facts), result, this.#options)
        if (costs) plan.ledger.take(costs, isLost)
        return outcome
      },
      // One that was cancelled by somebody else is as good as failed.
      stops: ({ status }) => (race ? status === 'succeeded' : onTrackFailure !== 'continue' && (status === 'failed' || status === 'cancelled')),
    })
    if (token !== undefined) await closeHalt(token)
    return graph.names.map((_, index) => {
      const outcome = settled[index] ?? { status: 'cancelled', durationMs: 0 }
      if (!settled[index] || outcome.status === 'skipped') plan.skipTrack(index, outcome)
      return outcome
    })
  }

  /** Waits for a track that goes on already as a sibling, or starts it: the same key gives the same run. */
  async joinTrack(request: TrackRequest): Promise<TrackOutcome> {
    const { ticket, ledger } = request
    const make = async () => [await prepare(() => itemOfTrack(request, this.#options))]
    // What it has paid is told to whoever began it.
    const settle = async (_: number, result: Result) => {
      const { outcome, costs } = await outcomeOfPart(ticket, result, this.#options)
      if (costs) ledger.see(costs)
      return outcome
    }
    const [outcome] = await runWork({ what: ticket.ownPath, count: 1, make, concurrency: 1, isJoin: true }, this.#options, { starting: () => {}, settle, stops: () => false })
    return outcome!
  }
}

/** Since when a cancelled run is none of an earlier walk: see `Item.since`. */
function sinceOf({ createdAt }: OwnRun, round: Round | undefined): { readonly since?: number; readonly round?: Round } {
  return { ...(createdAt && { since: createdAt.getTime() }), ...(round && { round }) }
}

/** What is going to be paid before each of them, where there is a limit: they begin at once, and none sees what another pays. */
function expectedBefore(calls: readonly TaskCall[]): readonly (Costs | undefined)[] | undefined {
  if (!calls[0]?.ledger.handDown()) return undefined
  let sum: Costs | undefined
  return calls.map((call) => {
    const before = sum
    sum = addCosts(sum, call.ledger.expects(call))
    return before
  })
}
