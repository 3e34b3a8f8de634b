import { errorToJson, TerminalError, type ErrorJson } from '@track-orchestrator/registry'
import { holds } from '../engine/call-memory.ts'
import type { Engine, Question, RunTasksOptions, TaskCall, TaskOutcome, TrackOutcome, TrackPlan } from '../engine/engine.ts'
import type { CallLookup, Found } from '../journal/call-lookup.ts'
import type { RecordedCalls, WhyRun } from '../journal/recorded-calls.ts'
import type { RunEvent } from '../log/run-event.ts'
import { withoutItems, type Place } from '../run/places.ts'
import type { RunContext } from '../run/open-run.ts'
import type { RunResult } from '../run/runs.ts'
import { scheduleTracks } from './schedule-tracks.ts'

/** Why a step is to be run. */
export type WhyPlanned =
  | WhyRun
  /** What these give it is made anew, and not known yet. Where it comes out as it was, the step is reused after all. */
  | { readonly reason: 'upstream'; readonly steps: readonly string[] }

/** What a run would do with one step, or one item of it. */
export type PlannedStep = Pick<Place, 'path' | 'track' | 'step' | 'taskName'> &
  ({ readonly action: 'reuse' } | { readonly action: 'run'; readonly why: WhyPlanned } /** Its `when` says no. */ | { readonly action: 'skip' })

/** What a run would do. */
export interface RunPlan {
  readonly kind: 'track' | 'orchestrator' | 'task'
  readonly name: string
  /** The run that would be gone on with, or forked. Absent for a new one. */
  readonly runId?: string
  /** In the order of the definition. */
  readonly steps: readonly PlannedStep[]
  /** What is wrong already, without any step being run: a mapper that throws, say. */
  readonly problem?: ErrorJson
}

/** The plan of a run that was never begun: everything is new. */
export const planOfNew = (places: readonly Place[]): PlannedStep[] => places.map((place) => plannedAt(place, { action: 'run', why: { reason: 'new' } }))

/** Walks a definition without running anything, on what finished before, and tells what would be run. Steps behind one that is to run are tried on what it gave the last time. */
export async function planSteps(places: readonly Place[], recorded: RecordedCalls, lookup: CallLookup, context: RunContext, settle: (context: RunContext) => Promise<RunResult>): Promise<Pick<RunPlan, 'steps' | 'problem'>> {
  const planner = new Planner(places, recorded, lookup)
  const result = await settle({ ...context, engine: planner, logs: [planner] })
  const problem = result.status !== 'succeeded' && result.error.code !== planner.unknown.code ? result.error : undefined
  return { steps: planner.steps(), ...(problem && { problem: errorToJson(problem) }) }
}

class Planner implements Engine {
  /** What a step fails with here whose output cannot even be guessed. */
  readonly unknown = new TerminalError('The output of a step that is to run is not known yet.', { code: 'plan/not_known' })
  readonly #places: ReadonlyMap<string, Place>
  readonly #recorded: RecordedCalls
  readonly #lookup: CallLookup
  readonly #planned = new Map<string, PlannedStep[]>()
  /** What comes after steps that are to run: path, and the steps. */
  readonly #below = new Map<string, Set<string>>()

  constructor(places: readonly Place[], recorded: RecordedCalls, lookup: CallLookup) {
    this.#places = new Map(places.map((place) => [place.path, place]))
    this.#recorded = recorded
    this.#lookup = lookup
  }

  hasHandler(): boolean {
    return true
  }

  async runTask(call: TaskCall): Promise<TaskOutcome> {
    return this.#plan(call, await this.#lookup.find(call))
  }

  async #plan(call: TaskCall, found: Found): Promise<TaskOutcome> {
    const place = this.#places.get(withoutItems(call.path))!
    const above = this.#above(place.path)
    if ('outcome' in found) {
      this.#file(place, call.path, above.length > 0 ? { action: 'run', why: { reason: 'upstream', steps: above } } : { action: 'reuse' })
      return found.outcome
    }
    this.#file(place, call.path, { action: 'run', why: found.why })
    if (above.length === 0) for (const path of place.later()) this.#below.set(path, (this.#below.get(path) ?? new Set()).add(place.path))
    // What another task made says nothing of what this one will.
    const last = found.why.reason === 'task_changed' ? undefined : await this.#lookup.lastOutcome(call.path)
    return last ?? this.#notKnown()
  }

  #notKnown(): TaskOutcome {
    return { status: 'failed', error: this.unknown, attempt: 1, metadata: {} }
  }

  runTasks(calls: readonly TaskCall[], _options: RunTasksOptions): Promise<TaskOutcome[]> {
    return Promise.all(calls.map((call) => this.runTask(call)))
  }

  wait(call: TaskCall): Promise<TaskOutcome> {
    return this.runTask(call)
  }

  async ask(call: TaskCall, question: Question): Promise<TaskOutcome> {
    const found = await this.#lookup.find(call)
    const isAskedAnew = 'outcome' in found && !holds(found.outcome, question)
    const outcome = await this.#plan(call, isAskedAnew ? { hash: found.hash, why: { reason: 'failed' } } : found)
    return holds(outcome, question) ? outcome : this.#notKnown()
  }

  /** One track that cannot be looked through any further leaves the others to be; and who would win a race is not known. */
  runTracks(plan: TrackPlan): Promise<TrackOutcome[]> {
    return scheduleTracks({ ...plan, onTrackFailure: 'continue', race: false }, 0)
  }

  write(event: RunEvent): void {
    if (event.type === 'step.skipped') this.#file(this.#places.get(withoutItems(event.path)), event.path, { action: 'skip' })
  }

  async flush(): Promise<void> {}

  /** Every step of the definition; those that were not come to are what the steps before them make of them. */
  steps(): PlannedStep[] {
    const finished = this.#recorded.finishedPlaces()
    return [...this.#places.values()].flatMap((place) => {
      const planned = this.#planned.get(place.path)
      if (planned) return planned.toSorted((a, b) => a.path.localeCompare(b.path, 'en', { numeric: true }))
      return plannedAt(place, { action: 'run', why: finished.has(place.path) ? { reason: 'upstream', steps: this.#above(place.path) } : { reason: 'new' } })
    })
  }

  #file(place: Place | undefined, path: string, what: What): void {
    if (!place) return
    const planned = { ...plannedAt(place, what), path }
    const known = this.#planned.get(place.path)
    if (known) known.push(planned)
    else this.#planned.set(place.path, [planned])
  }

  #above(path: string): string[] {
    for (let end = path.length; end > 0; end = path.lastIndexOf('/', end - 1)) {
      const steps = this.#below.get(path.slice(0, end))
      if (steps) return [...steps]
    }
    return []
  }
}

type What = { readonly action: 'reuse' } | { readonly action: 'run'; readonly why: WhyPlanned } | { readonly action: 'skip' }

function plannedAt({ path, track, step, taskName }: Place, what: What): PlannedStep {
  return { path, track, step, taskName, ...what }
}
