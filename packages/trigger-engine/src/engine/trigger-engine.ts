import type { Engine, Question, RunTasksOptions, TaskCall, TaskOutcome, TrackOutcome, TrackPlan } from '@track-orchestrator/core'
import { isStarted, notStarted } from '@track-orchestrator/core/engine'
import { addCosts, type Costs } from '@track-orchestrator/registry'
import { metadata } from '@trigger.dev/sdk'
import type { ClaimCheck } from '../crossing/claim-check.ts'
import type { Limits } from '../limits.ts'
import type { Overrides } from '../overrides.ts'
import { closeHalt, openHalt, type HaltWatch } from './halt.ts'
import { inlineFirst, InlineRuns, type InlineTools, type RunThem } from './inline-runs.ts'
import { itemOfCall, itemOfTrack, markOf, prepare, ticketOf, type FanOut, type PlanFacts, type Prepared, type TrackRequest } from './make-item.ts'
import type { OneWait } from './one-wait.ts'
import type { RunLogs } from './run-logs.ts'
import { outcomeOfCall, outcomeOfPart } from './outcomes.ts'
import type { OwnRun } from './read-result.ts'
import { runItems } from './run-items.ts'
import { askByToken } from './question-token.ts'
import { waitByToken } from './wait-token.ts'
import { widthOptions } from './width-queue.ts'
import { AnswerLost, batchLimit, type Result } from './start-items.ts'

/** What an engine needs of the Trigger.dev run that it waits in. */
export interface EngineOptions {
  readonly run: OwnRun
  readonly claims: ClaimCheck
  readonly limits: Limits
  readonly overrides: ReadonlyMap<string, Overrides>
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

interface Work {
  /** For whom waits for something else at the same time. */
  readonly what: string
  readonly count: number
  readonly make: () => Promise<Prepared[]>
  /** It goes on already, and how it ends says whether this run is to stop: no look is needed before. */
  readonly isJoin?: true
}

interface Chunks<Outcome> {
  readonly starting: (first: number, count: number) => void
  readonly settle: (index: number, result: Result) => Promise<Outcome>
  /** Whether the outcome means that no further chunk is started. */
  readonly stops: (outcome: Outcome) => boolean
}

/** How often a run looks whether it is to stop, between its steps. */
const lookEveryMs = 1_000

/** Calls as child runs of one Trigger.dev run. Made for each attempt of a run; it waits for one thing at a time, as Trigger.dev demands. */
export class TriggerEngine implements Engine {
  readonly #options: EngineOptions
  readonly #inline: InlineRuns | undefined
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
    const settled = await this.#inChunks({ what, count: calls.length, make }, fanOut ? batchLimit : concurrency, {
      starting: (first, count) => {
        for (const { observer } of calls.slice(first, first + count)) observer?.started?.()
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

  /** How the calls are started all at once, though not so many may go on at once. Nothing where that takes waves. */
  async #fanOut(calls: readonly TaskCall[], concurrency: number, onFailure: RunTasksOptions['onFailure']): Promise<FanOut | undefined> {
    const { limits, overrides } = this.#options
    const width = widthOptions(calls, concurrency, limits, (name) => overrides.get(name)?.concurrency !== undefined)
    if (!width || onFailure !== 'stop') return width && { width }
    const { runId, walkId, path, round } = calls[0]!
    const stop = await openHalt(`${runId}/${walkId}/${path}${markOf({ round })}`)
    return stop === undefined ? undefined : { width, stop }
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
    const settled = await this.#inChunks({ what: `the tracks of ${origin.path}`, count: graph.names.length, make }, concurrency, {
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
    const [outcome] = await this.#inChunks({ what: ticket.ownPath, count: 1, make, isJoin: true }, 1, { starting: () => {}, settle, stops: () => false })
    return outcome!
  }

  /** Starts what `make` prepares, so many at once, and settles each. What is not started any more, since one of a chunk before stops all, has no outcome. */
  async #inChunks<Outcome>({ what, count, make, isJoin }: Work, concurrency: number, { starting, settle, stops }: Chunks<Outcome>): Promise<(Outcome | undefined)[]> {
    const { oneWait, logs, halt, onLost } = this.#options
    const prepared = async () => {
      // What is started looks at the tokens as well, so a look now and then will do.
      const [made] = await Promise.all([make(), logs.beforeWait(), isJoin ? undefined : halt?.lookIfDue(lookEveryMs)])
      if (halt?.signal.aborted) throw halt.signal.reason
      return made
    }
    const run = async (made: readonly Prepared[]) => {
      const outcomes: Outcome[] = []
      const size = Math.min(batchLimit, concurrency)
      for (let first = 0; first < made.length; first += size) {
        if (first > 0 && (await halt?.look())) throw halt!.signal.reason
        const chunk = made.slice(first, first + size)
        starting(first, chunk.length)
        const results = await this.#runChunk(chunk)
        const ended = await Promise.all(results.map((result, place) => settle(first + place, result)))
        outcomes.push(...ended)
        if (ended.some(stops)) break
      }
      return outcomes
    }
    try {
      return await oneWait.hold(what, prepared, run)
    } catch (error) {
      if (error instanceof AnswerLost) onLost()
      // This run waits for something else already, or is to stop: nothing more was started.
      return Promise.all(Array.from({ length: count }, (_, index) => settle(index, { ok: false, id: '', error })))
    }
  }

  async #runChunk(chunk: readonly Prepared[]): Promise<Result[]> {
    const results = await runItems(chunk.flatMap((prepared) => ('item' in prepared ? [prepared.item] : [])), this.#options.run)
    let next = 0
    return chunk.map((prepared) => ('item' in prepared ? results[next++]! : { ok: false, id: '', error: prepared.error }))
  }
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
