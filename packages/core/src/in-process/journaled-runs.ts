import { copyJson, DefinitionError, toTracksError, type Costs, type Registry } from '@track-orchestrator/registry'
import type { OrchestratorDefinition, TrackDefinition } from '../definition/definition.ts'
import { Ledger, type RunCosts } from '../costs/ledger.ts'
import type { Journal } from '../journal/journal.ts'
import type { JournaledCalls, Reopening } from '../journal/journaled-run.ts'
import { paidIn } from '../journal/paid-costs.ts'
import { pathOf } from '../journal/record.ts'
import { RecordHeads } from '../journal/record-heads.ts'
import type { RenamedPlaces } from '../journal/recorded-calls.ts'
import type { RunJournal } from '../journal/run-journal.ts'
import { newId } from '../log/new-id.ts'
import { compileOrchestrator } from '../run/compile-orchestrator.ts'
import { compileTrack } from '../run/compile-track.ts'
import { isAnew } from '../run/apply-fork.ts'
import { findPlace } from '../run/find-place.ts'
import type { RunContext } from '../run/open-run.ts'
import { placesOfOrchestrator, placesOfTrack, racedIn, type Place } from '../run/places.ts'
import { planFork, type ForkOf } from '../run/plan-fork.ts'
import type { Asked, RunOf } from '../run/runner.ts'
import { settleOrchestrator, settleSingleTask, settleTrack, type RunResult } from '../run/runs.ts'
import type { Accounts } from './accounts.ts'
import { answerOf } from './answer-run.ts'
import { refuseBeyond } from './beyond-items.ts'
import { refuseVanished, renamedPlaces } from './vanished-places.ts'
import { runUnderKey } from './keyed-runs.ts'
import type { RunKey } from './run-key.ts'
import { planOfNew, planSteps, type RunPlan } from './plan-run.ts'

/** What can be resumed by its name. */
export interface Definitions {
  readonly tracks?: readonly TrackDefinition[] | undefined
  readonly orchestrators?: readonly OrchestratorDefinition[] | undefined
}

/** How a run is gone on with. */
export interface ResumeOptions {
  /** Steps whose calls run again, whatever finished: by id or path, `translate[3]` for one item. */
  readonly force?: readonly string[] | undefined
  /** Finished steps that the definition calls something else now, by their ids or paths; `null` lets go of what they made. */
  readonly map?: RenamedPlaces | undefined
}

/** What is to be planned: `from` and `set` for a fork. */
export interface PlanOptions extends ResumeOptions {
  readonly from?: string | undefined
  readonly set?: Readonly<Record<string, unknown>> | undefined
}

/** Runs that are written down while they go on, and can be gone on with after their process. */
export class JournaledRuns {
  readonly #journal: Journal
  readonly #definitions: Definitions
  readonly #accounts: Accounts
  readonly #open = new Map<string, RunJournal>()
  /** The results of runs under keys that go on here. */
  readonly #goingOn = new Map<string, Promise<RunResult>>()

  constructor(journal: Journal, definitions: Definitions, accounts: Accounts) {
    this.#accounts = accounts
    this.#journal = journal
    this.#definitions = definitions
  }

  /** What remembers the calls of a run that goes on now. */
  readonly memoryOf = (runId: string): RunJournal | undefined => this.#open.get(runId)

  /** Begins a run, runs it and writes down how it ended. */
  async run(asked: Asked, context: RunContext, run: RunOf, runKey?: RunKey): Promise<RunResult> {
    const runId = context.runId ?? newId()
    // What is written down is what is run: the caller may change its payload meanwhile.
    const payload = copyJson(asked.name, 'input', asked.payload)
    const begin = () => this.#journal.begin({ runId, ...asked, payload })
    const follow = (journal: RunJournal) => this.#followNew(runId, tenantOf(payload), journal, context, (made) => run(made, payload))
    if (!runKey) return follow(await begin())
    return runUnderKey(runKey, {
      journal: this.#journal,
      asked,
      signal: context.signal,
      runId,
      goingOn: (id) => this.#goingOn.get(id),
      begin,
      follow: (journal) => this.#shared(runId, () => follow(journal)),
      // Where its definition is known by its name, steps that are gone from it are told, unless all is done.
      resume: (known) => this.#shared(known.runId, () => (known.status !== 'succeeded' && this.#isNamed(known) ? this.resume(known.runId, context, {}) : this.#goOn(known, context, {}, (made) => run(made, known.payload)))),
    })
  }

  /** Keeps the result for others who ask for the same run, as long as it goes on. */
  #shared(runId: string, run: () => Promise<RunResult>): Promise<RunResult> {
    const known = this.#goingOn.get(runId)
    if (known) return known
    const result = run()
    this.#goingOn.set(runId, result)
    const forget = () => void this.#goingOn.delete(runId)
    result.then(forget, forget)
    return result
  }

  #isNamed({ kind, name }: Pick<JournaledCalls, 'kind' | 'name'>): boolean {
    return kind === 'task' || (this.#definitions[`${kind}s`] ?? []).some((known) => known.name === name)
  }

  async #followNew(runId: string, tenantId: string, journal: RunJournal, context: RunContext, run: (context: RunContext) => Promise<RunResult>): Promise<RunResult> {
    try {
      return await this.#follow(runId, tenantId, journal, context, run)
    } catch (error) {
      // It was refused before anything ran: there is nothing to go on with.
      await this.#journal.delete(runId)
      throw error
    }
  }

  /** Goes on with a run: what finished in it is not run again. One that has succeeded answers what it came to, unless steps are forced, or it did without some that failed: those are done again. */
  async resume(runId: string, context: RunContext, how: ResumeOptions): Promise<RunResult> {
    const earlier = await this.#journal.readCalls(runId)
    const { kind, name, payload } = earlier
    const whole = this.#wholeOf(kind, name, context.registry)
    const reopening = this.#reopeningOf(earlier, whole, how)
    const lacks = earlier.status === 'succeeded' && reopening.known.recorded.hasFailures((path) => isAnew(whole.raced, path))
    return this.#goOn(earlier, context, reopening, (made) => whole.settle(payload, made), lacks)
  }

  async #goOn(earlier: JournaledCalls, context: RunContext, reopening: Reopening, run: (context: RunContext) => Promise<RunResult>, lacks = false): Promise<RunResult> {
    const { runId, startedAt, endedAt = startedAt } = earlier
    if (earlier.status === 'succeeded' && !reopening.forced?.length && !lacks) return { runId, startedAt, durationMs: endedAt - startedAt, status: 'succeeded', output: await this.#journal.outputOf(earlier), ...(earlier.costs && { costs: allReused(earlier) }) }
    return this.#follow(runId, earlier.tenantId, await this.#journal.reopen(runId, reopening), { ...context, fork: changedBy(earlier.fork) }, run)
  }

  /** A new run that takes over what finished before `from` in another, and does everything from there on anew. */
  async fork(runId: string, context: RunContext, how: Pick<ForkOf, 'from' | 'set'>): Promise<RunResult> {
    const parent = await this.#journal.readCalls(runId)
    const { kind, name } = parent
    const whole = this.#wholeOf(kind, name, context.registry)
    this.#pathOf(parent, whole, how.from)
    const { fork, payload, anew } = planFork(parent, whole.places, how)
    const forkId = context.runId ?? newId()
    const journal = await this.#journal.begin({ runId: forkId, kind, name, payload, fork, takesOver: (path) => !isAnew(anew, path) })
    return this.#followNew(forkId, parent.tenantId, journal, { ...context, fork: changedBy(fork) }, (made) => whole.settle(payload, made))
  }

  /** Answers a question of a run, be it that its process goes on or has ended. */
  async answer(runId: string, said: string, answer: unknown, registry: Registry): Promise<void> {
    const run = await this.#journal.readCalls(runId)
    const { places } = this.#wholeOf(run.kind, run.name, registry)
    await answerOf(run, places, this.#journal.answersOf(runId), said, answer)
  }

  /** What `resume` or `fork` would do, and why. Nothing is run or written. */
  async plan(runId: string, context: RunContext, { from, set, ...how }: PlanOptions): Promise<RunPlan> {
    const earlier = await this.#journal.readCalls(runId)
    const { kind, name } = earlier
    const whole = this.#wholeOf(kind, name, context.registry)
    const isFork = from !== undefined || set !== undefined
    this.#pathOf(earlier, whole, from)
    const { payload, anew, fork } = isFork ? planFork(earlier, whole.places, { from, set }) : { ...earlier, anew: [] }
    const heads = isFork ? RecordHeads.of([...earlier.heads].filter((head) => !isAnew(anew, pathOf(head) ?? ''))) : earlier.heads
    const { recorded, lookup } = this.#journal.lookup({ ...earlier, heads, ...(fork && { fork }) }, isFork ? {} : this.#reopeningOf(earlier, whole, how))
    const planned = await planSteps(whole.places, recorded, lookup, { ...context, fork: changedBy(fork) }, (made) => whole.settle(payload, made))
    return { kind, name, runId, ...planned }
  }

  #reopeningOf(earlier: JournaledCalls, { places }: Whole, { map, force = [] }: ResumeOptions): Reopening & { readonly known: NonNullable<Reopening['known']> } {
    const { recorded } = this.#journal.lookup(earlier)
    const renamed = map && renamedPlaces(map, recorded, places)
    recorded.rename(renamed ?? {})
    refuseVanished(earlier.runId, recorded, places)
    return { map: renamed, forced: force.map((said) => this.#pathOf(earlier, { places }, said)!), known: { run: earlier, recorded } }
  }

  /** Of the place that is meant in a run, checked against what the run had. */
  #pathOf({ heads }: JournaledCalls, { places }: Pick<Whole, 'places'>, said: string | undefined): string | undefined {
    if (said === undefined) return undefined
    const found = findPlace(places, said)
    refuseBeyond(heads, found)
    return found.path
  }

  async #follow(runId: string, tenantId: string, journal: RunJournal, { limits, ...context }: RunContext, run: (context: RunContext) => Promise<RunResult>): Promise<RunResult> {
    this.#open.set(runId, journal)
    try {
      const signal = context.signal ? AbortSignal.any([context.signal, journal.cancelled]) : journal.cancelled
      const account = { runId, tenantId, limits, earlier: journal.paidBefore, onPaid: (path: string, costs: Costs) => journal.paid(path, costs) }
      const result = await this.#accounts.during(account, (ledger) => run({ ...context, ledger, runId, signal, logs: [...(context.logs ?? []), journal.log] }))
      // What finished is safe whatever becomes of this record; without it the run is open, and a resume ends it.
      await journal.end(result).catch((thrown: unknown) => {
        if (result.status === 'succeeded') throw toTracksError(thrown)
      })
      return result
    } finally {
      this.#open.delete(runId)
      await journal.close().catch(() => {}) // where it cannot be written, the step or the end has said so
    }
  }

  /** What a run is one of, by its name. */
  #wholeOf(kind: Asked['kind'], name: string, registry: Registry): Whole {
    if (kind === 'task') {
      const places = () => placesOfTrack(compileTrack(registry, { name, tasks: [{ taskName: name }] }), name)
      return { places: places(), raced: [], settle: (payload, context) => settleSingleTask(name, payload, context) }
    }
    const { tracks = [], orchestrators = [] } = this.#definitions
    if (kind === 'track') {
      const track = tracks.find((known) => known.name === name)
      if (!track) throw unknown(name, 'tracks')
      const compiled = compileTrack(registry, track)
      return { places: placesOfTrack(compiled, name), raced: racedIn(compiled, name), settle: (payload, context) => settleTrack(track, payload, context) }
    }
    const orchestrator = orchestrators.find((known) => known.name === name)
    if (!orchestrator) throw unknown(name, 'orchestrators')
    const compiled = compileOrchestrator(registry, orchestrator)
    return { places: placesOfOrchestrator(compiled), raced: compiled.tracks.flatMap((track) => racedIn(track, `${name}/${track.definition.name}`)), settle: (payload, context) => settleOrchestrator(orchestrator, payload, context) }
  }
}

/** What a run has cost that is not gone on with, since it has succeeded. */
function allReused({ heads }: JournaledCalls): RunCosts {
  const ledger = new Ledger({ earlier: paidIn(heads.ofRun) })
  ledger.reuse(ledger.total, false)
  return ledger.costs()!
}

/** Of a payload that was not checked yet. */
const tenantOf = (payload: unknown): string => String((payload as { readonly tenantId?: unknown } | undefined)?.tenantId)

/** The journal itself says what a fork took over. */
const changedBy = ({ amendments }: ForkOf = { runId: '' }) => amendments && { amendments }

/** The plan of a run that is to begin. */
export function planNew(definition: TrackDefinition | OrchestratorDefinition, registry: Registry): RunPlan {
  if (isOrchestrator(definition)) return { kind: 'orchestrator', name: definition.name, steps: planOfNew(placesOfOrchestrator(compileOrchestrator(registry, definition))) }
  const track = compileTrack(registry, definition) // says what is wrong with what is none
  return { kind: 'track', name: definition.name, steps: planOfNew(placesOfTrack(track, definition.name)) }
}

const isOrchestrator = (definition: TrackDefinition | OrchestratorDefinition): definition is OrchestratorDefinition => 'tracks' in Object(definition)

interface Whole {
  readonly places: readonly Place[]
  /** The sub-tracks of races: one that lost is not what the run did without. */
  readonly raced: readonly string[]
  readonly settle: (payload: unknown, context: RunContext) => Promise<RunResult>
}

function unknown(name: string, option: keyof Definitions): DefinitionError {
  return new DefinitionError(`The run is one of ${name}, which createRunner was not given: put its definition into the option ${option}.`)
}
