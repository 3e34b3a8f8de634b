import type { Journal, JournalPlace, JournalRecord } from '@track-orchestrator/core/in-process'
import { TracksError } from '@track-orchestrator/registry'
import type { ViewedEvent } from '../model/wire.ts'
import { eventsOf } from './journal-events.ts'

/** A run's journal as far as it was read. */
export class JournalTail {
  /** The first record, and those that tell how the run stands. */
  readonly heads: JournalRecord[] = []
  readonly events: ViewedEvent[] = []
  /** By their numbers: records that hold values. */
  readonly valued = new Map<number, JournalRecord>()
  readonly #journal: Journal
  readonly #runId: string
  #place: JournalPlace = { n: 0, bytes: 0 }
  #reading: Promise<void> | undefined

  constructor(journal: Journal, runId: string) {
    this.#journal = journal
    this.#runId = runId
  }

  /** Takes in what was written since. Who asks meanwhile waits for the same reading. */
  read(): Promise<void> {
    this.#reading ??= this.#readOn().finally(() => (this.#reading = undefined))
    return this.#reading
  }

  async #readOn(): Promise<void> {
    const { records, place } = await this.#journal.readFrom(this.#runId, this.#place)
    this.#place = place
    for (const record of records) {
      if (record.type.startsWith('run.') || record.type === 'cost.paid') this.heads.push(record)
      if (record.type === 'call.started' || record.type === 'call.succeeded' || record.type === 'run.ended') this.valued.set(record.n, record)
      this.events.push(...eventsOf(record))
    }
  }
}

/** Runs that are kept at hand: reading a big one anew takes a second. */
const mostTails = 6

/** The tails of the runs that were looked at last. */
export class JournalTails {
  readonly #journal: Journal
  readonly #tails = new Map<string, JournalTail>()

  constructor(journal: Journal) {
    this.#journal = journal
  }

  /** As the journal stands now. Throws what `Journal.read` throws. */
  async of(runId: string): Promise<JournalTail> {
    const known = this.#tails.get(runId)
    const tail = known ?? new JournalTail(this.#journal, runId)
    this.#tails.delete(runId)
    try {
      await tail.read()
    } catch (error) {
      // It may have been deleted, and begun anew under the same id.
      if (!known || !TracksError.is(error)) throw error
      return this.of(runId)
    }
    this.#tails.set(runId, tail)
    if (this.#tails.size > mostTails) this.#tails.delete(this.#tails.keys().next().value!)
    return tail
  }
}
