import { TracksError, type Costs } from '@track-orchestrator/registry'
import type { TaskCall, TaskOutcome } from '../engine/engine.ts'
import type { BlobReference, Blobs } from './blobs.ts'
import type { CallCache } from './call-cache.ts'
import { jsonDifferences } from './json-difference.ts'
import type { JournalRecord, RecordedFacts } from './record.ts'
import { isAnew } from '../run/apply-fork.ts'
import { hashOfCall, type RecordedCalls, type WhyRun } from './recorded-calls.ts'

/** What a call came to before, or why it is to be run; and the hash of its input. */
export type Found = { readonly hash: string } & ({ readonly outcome: TaskOutcome; /** The other run that made it, and it was not known here. */ readonly takenFrom?: string; /** What it cost. */ readonly costs?: Costs | undefined; /** Another run has paid that. */ readonly isOthers?: boolean } | { readonly why: WhyRun })

const lost = Symbol('lost')

/** Answers what became of calls before, from a journal. Writes nothing. */
export class CallLookup {
  readonly #recorded: RecordedCalls
  readonly #blobs: Blobs
  readonly #forced: readonly string[]

  readonly #others: OtherRuns | undefined

  /** `forced`: places whose calls run again, whatever finished. `others`: where outcomes of other runs may be taken. */
  constructor(recorded: RecordedCalls, blobs: Blobs, forced: readonly string[] = [], others?: OtherRuns) {
    this.#others = others
    this.#recorded = recorded
    this.#blobs = blobs
    this.#forced = forced
  }

  /** At once, where all that is to be read stands in the journal itself. */
  find(call: TaskCall): Found | Promise<Found> {
    const found = this.#findHere(call)
    if (found instanceof Promise) return found.then((it) => this.#orFromOthers(call, it))
    return 'outcome' in found || !call.contract.cache ? found : this.#orFromOthers(call, found)
  }

  async #orFromOthers(call: TaskCall, found: Found): Promise<Found> {
    if ('outcome' in found || found.why.reason === 'forced' || !call.contract.cache) return found
    return (await this.#takeFromOthers(call, found.hash)) ?? found
  }

  async #takeFromOthers(call: TaskCall, hash: string): Promise<Found | undefined> {
    const taken = await this.#others?.cache.take(call)
    if (!taken) return undefined
    const { runId, attempt, metadata, blob, output, costs } = taken
    try {
      const value: unknown = blob ? JSON.parse(await this.#others!.blobsOf(runId).get(blob)) : output
      return { hash, takenFrom: runId, costs, isOthers: true, outcome: { status: 'succeeded', output: value, attempt, metadata } }
    } catch {
      return undefined // its value is gone
    }
  }

  #findHere(call: TaskCall): Found | Promise<Found> {
    const hash = hashOfCall(call)
    const found = this.#recorded.find(call, hash)
    if ('why' in found) return found.earlier && found.why.reason === 'input_changed' ? this.#withChanges(call, hash, found.why, found.earlier) : { hash, why: found.why }
    if (this.#isForced(call)) return { hash, why: { reason: 'forced' } }
    const { finished } = found
    const costs = finished['costs'] as Costs | undefined
    const isOthers = finished['of'] !== undefined
    if (!isBeside(finished)) return { hash, outcome: outcomeOf(finished, finished['output']), costs, isOthers }
    return this.#outcomeOf(finished).then((outcome) => (outcome ? { hash, outcome, costs, isOthers } : { hash, why: { reason: 'output_missing' } }))
  }

  async #withChanges(call: TaskCall, hash: string, why: WhyRun & { readonly reason: 'input_changed' }, earlier: JournalRecord): Promise<Found> {
    const before = await this.#read(earlier, 'input')
    return { hash, why: { ...why, changes: before === lost ? [] : jsonDifferences(before, call.payload) } }
  }

  /** When the same call was begun first, in milliseconds since 1970; nothing where it is to run anew. */
  beganAt(call: TaskCall): number | undefined {
    return this.#isForced(call) ? undefined : this.#recorded.beganAt(call.path, hashOfCall(call))
  }

  /** How often the time of the question was over. */
  timesOver(call: TaskCall): number {
    return this.#recorded.timesOver(call.path, hashOfCall(call))
  }

  #isForced(call: TaskCall): boolean {
    if (this.#forced.length === 0) return false
    const { path } = call
    return isAnew(this.#forced, path)
  }

  /** What the place came to last, whatever its input was. */
  async lastOutcome(path: string): Promise<TaskOutcome | undefined> {
    const last = this.#recorded.lastFinished(path)
    return last && this.#outcomeOf(last.ended)
  }

  async #outcomeOf(finished: RecordedFacts): Promise<TaskOutcome | undefined> {
    const output = await this.#read(finished, 'output')
    return output === lost ? undefined : outcomeOf(finished, output)
  }

  async #read(record: RecordedFacts, name: 'input' | 'output'): Promise<unknown> {
    return readStored(record, name, this.#blobs).catch((error: unknown) => {
      if (TracksError.is(error) && error.code === 'journal/output_missing') return lost
      throw error
    })
  }
}

function outcomeOf(finished: RecordedFacts, output: unknown): TaskOutcome {
  return { status: 'succeeded', output, attempt: finished['attempt'] as number, metadata: finished['metadata'] as Record<string, unknown>, isReused: true }
}

/** Where outcomes of other runs are found, and their big values. */
export interface OtherRuns {
  readonly cache: CallCache
  readonly blobsOf: (runId: string) => Blobs
}

/** A value in a record: in place, or beside the journal. */
export type Stored<Name extends string> = { readonly [N in Name]?: unknown } & { readonly blob?: BlobReference }

/** Whether its value lies beside the journal. */
const isBeside = (record: RecordedFacts): boolean => record['blob'] !== undefined

/** A value of a record: the record's own, where it is in place. Throws `journal/output_missing`. */
export async function readStored(record: RecordedFacts, name: 'input' | 'output', blobs: Blobs): Promise<unknown> {
  const { [name]: value, blob } = record as Stored<'input' | 'output'>
  return blob ? JSON.parse(await blobs.get(blob)) : value
}
