import { errorToJson, type Costs, type ErrorJson, type TracksError } from '@track-orchestrator/registry'
import type { CallMemory } from '../engine/call-memory.ts'
import type { AnswerBox } from '../engine/answer-box.ts'
import type { PaidCosts } from '../costs/ledger.ts'
import type { Question, TaskCall, TaskOutcome } from '../engine/engine.ts'
import type { RunEvent } from '../log/run-event.ts'
import type { RunLog } from '../log/run-log.ts'
import type { Answers } from './answers.ts'
import type { RecordAppender } from './append-records.ts'
import { isInline, type Blobs } from './blobs.ts'
import type { CallCache } from './call-cache.ts'
import { CallLookup, type Found, type OtherRuns, type Stored } from './call-lookup.ts'
import { isToldByCall, toldWith } from './events-in.ts'
import { paidRecord } from './paid-costs.ts'
import { hashOfCall, keyOf, type RecordedCalls } from './recorded-calls.ts'

/** How a run that is written down ended. */
export type JournaledEnd = { readonly status: 'succeeded'; readonly output: unknown } | { readonly status: 'failed' | 'cancelled'; readonly error: TracksError }

/** What a run that is open for writing is made of. */
export interface OpenedRun {
  readonly runId: string
  readonly blobs: Blobs
  readonly answers: Answers
  /** The calls that stood in the journal. */
  readonly recorded: RecordedCalls
  /** What earlier processes of the run paid. */
  readonly paidBefore: PaidCosts
  /** Aborted when another process asks for the run to be cancelled. */
  readonly cancelled: AbortSignal
  readonly release: () => Promise<void>
  /** Places whose calls run again, whatever finished. */
  readonly forced: readonly string[] | undefined
  readonly others: OtherRuns
  /** Whether outcomes of other runs are taken. What finishes is kept for them in either case. */
  readonly takesFromOthers: boolean
}

/**
 * One run as its journal holds it, open for writing by this process: what finished in it is not run again, and what finishes is safe
 * before the next step begins.
 */
export class RunJournal implements CallMemory {
  /** For the runner: the events of the run go into its journal, but for progress, which is past with the step. */
  readonly log: RunLog
  /** Aborted when another process asks for the run to be cancelled. */
  readonly cancelled: AbortSignal
  readonly #appender: RecordAppender
  readonly #blobs: Blobs
  readonly #answers: Answers
  readonly #lookup: CallLookup
  /** Of calls that were asked for: each is looked up and hashed once. */
  readonly #found = new WeakMap<TaskCall, Found>()
  readonly #runId: string
  readonly #cache: CallCache
  readonly #release: () => Promise<void>
  #isClosed = false
  /** What earlier processes of the run paid. */
  readonly paidBefore: PaidCosts

  constructor(appender: RecordAppender, { runId, blobs, answers, recorded, paidBefore, cancelled, release, forced, others, takesFromOthers }: OpenedRun) {
    this.#runId = runId
    this.paidBefore = paidBefore
    this.#cache = others.cache
    this.#appender = appender
    this.#blobs = blobs
    this.#answers = answers
    this.cancelled = cancelled
    this.#release = release
    this.#lookup = new CallLookup(recorded, blobs, forced, takesFromOthers ? others : undefined)
    this.log = {
      progress: false,
      write: (event) => void (isToldByCall(event) ? appender.hold({ type: 'event', event }) : appender.note({ type: 'event', event })),
      // A process that dies loses nothing that was written; a loss of power, nothing that finished.
      flush: async (_deadlineMs, loss = 'machine') => {
        if (loss === 'process') appender.writeNoted()
        else await appender.safe()
      },
    }
  }

  /** What the call came to in this run before, or in another one where its contract allows that. Nothing where it did not finish, had another input, or its output is gone: then it runs. */
  recall(call: TaskCall): Promise<TaskOutcome | undefined> | TaskOutcome | undefined {
    const found = this.#lookup.find(call)
    if (found instanceof Promise) return found.then((it) => this.#taken(call, it))
    return this.#taken(call, found)
  }

  #taken(call: TaskCall, found: Found): Promise<TaskOutcome> | TaskOutcome | undefined {
    if ('why' in found) {
      this.#found.set(call, found)
      return undefined
    }
    const { outcome, takenFrom, costs, isOthers = false } = found
    if (takenFrom === undefined) {
      call.ledger.reuse(costs, isOthers)
      return outcome
    }
    this.#found.set(call, found)
    return this.#writeTaken(call, outcome, takenFrom, costs).then(() => {
      call.ledger.reuse(costs, isOthers)
      return outcome
    })
  }

  /** A handler has paid. One that goes on after its run has ended is not heard any more. Throws `journal/write_failed`. */
  paid(path: string, costs: Costs): void {
    if (!this.#isClosed) this.#appender.write(paidRecord(path, costs))
  }

  beganAt(call: TaskCall): number | undefined {
    return this.#lookup.beganAt(call)
  }

  answersTo(call: TaskCall): AnswerBox {
    return this.#answers.box(this.#keyOf(call), this.#lookup.timesOver(call))
  }

  /** Throws `journal/write_failed` where it cannot be written down: then the call must not begin. */
  async started(call: TaskCall, question?: Question): Promise<void> {
    const { path, track, step, contract, nested } = call
    if (contract.cache) await this.#cache.prepare(call)
    const found = this.#found.get(call)
    const why = found && 'why' in found && found.why.reason !== 'new' ? { why: found.why } : {}
    await this.#write({ type: 'call.started', key: this.#keyOf(call), path, track, step, taskName: contract.name, ...(nested && { nested }), ...(question && { asks: { timeoutMs: question.timeoutMs, askedAt: this.beganAt(call) } }), ...why }, 'input', call.payload, call)
    if (question) await this.#appender.safe() // whoever answers must find it
  }

  /** What was taken from another run is this one's own from then on. */
  async #writeTaken(call: TaskCall, outcome: TaskOutcome, takenFrom: string, costs: Costs | undefined): Promise<void> {
    await this.started(call)
    if (outcome.status === 'succeeded') await this.#write({ type: 'call.succeeded', ...this.#factsOf(call, outcome, costs), of: takenFrom }, 'output', outcome.output)
    await this.#appender.safe()
  }

  async ended(call: TaskCall, outcome: TaskOutcome): Promise<void> {
    const costs = call.ledger.of(call.path)
    const facts = this.#factsOf(call, outcome, costs)
    if (outcome.status === 'failed') return void this.#appender.write({ type: 'call.failed', ...facts, error: withoutItems(errorToJson(outcome.error)) })
    const stored = await this.#write({ type: 'call.succeeded', ...facts }, 'output', outcome.output)
    await this.#appender.safe()
    const { attempt, metadata } = outcome
    if (call.contract.cache) await this.#cache.keep(call, this.#runId, { ...stored, attempt, metadata, ...(costs && { costs }) }, outcome.output)
  }

  #factsOf(call: TaskCall, { attempt, metadata }: TaskOutcome, costs: Costs | undefined) {
    const { version, name } = call.contract
    // Where the path does not tell: by its id a step is the same, whatever it does.
    const task = !call.nested && call.step !== name && { task: name }
    return { key: this.#keyOf(call), path: call.path, attempt, metadata, ...(costs && { costs }), ...(version !== undefined && { version }), ...task }
  }

  /** Writes down how the run ended. Rejects with `journal/write_failed`. */
  async end(end: JournaledEnd): Promise<void> {
    const record = { type: 'run.ended', status: end.status }
    if (end.status === 'succeeded') await this.#write(record, 'output', end.output)
    else this.#appender.write({ ...record, error: withoutItems(errorToJson(end.error)) })
    await this.#appender.safe()
  }

  /** Gives the run back: another process may go on with it. */
  async close(): Promise<void> {
    this.#isClosed = true
    try {
      await this.#appender.close()
    } finally {
      await this.#release()
    }
  }

  #keyOf(call: TaskCall): string {
    return keyOf(call.path, this.#found.get(call)?.hash ?? hashOfCall(call))
  }

  /** What remains to be said of the event that told of the call's start, where nothing was written since. */
  #toldOf(call: TaskCall | undefined) {
    return call && this.#appender.takeHeld(({ event }) => toldWith(call, event as RunEvent))
  }

  /** Writes a record with a value, which is made JSON once; a big one is put beside the journal first. Answers where the value is. `begun`: the call that the record is the start of. */
  async #write(record: { readonly type: string; readonly [key: string]: unknown }, name: 'input' | 'output', value: unknown, begun?: TaskCall): Promise<Stored<string>> {
    const json = JSON.stringify(value) as string | undefined
    if (json === undefined || isInline(json)) {
      this.#appender.write({ ...record, ...this.#toldOf(begun) }, json === undefined ? undefined : { name, json })
      return { [name]: value }
    }
    const blob = await this.#blobs.put(json).catch((cause: unknown) => Promise.reject(this.#appender.refuse(cause)))
    this.#appender.write({ ...record, ...this.#toldOf(begun), blob })
    return { blob }
  }
}

/** What finished of a `forEach` that failed has a record of its own each. */
function withoutItems({ items: _items, ...error }: ErrorJson & { items?: unknown }): ErrorJson {
  return error
}
