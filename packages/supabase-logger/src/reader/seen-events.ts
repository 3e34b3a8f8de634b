import type { StoredEventRow } from '../event-from-row.ts'
import { ask, rowsWith, type Asking, type Tables } from './ask.ts'
import type { RunKey } from './history-client.ts'
import { readEventRows, type EventRange } from './read-run.ts'
import type { RunRow } from './records.ts'

/** Late events are looked for so far back from the one that was received last: longer than a transaction can take from its beginning, which `received_at` says, to its end. Milliseconds. */
const slackMs = 60_000
const receivedRows = rowsWith<Pick<StoredEventRow, 'received_at'>>([], ['received_at'])

/** The first of the rows, and how many there are. */
function countedRows(data: unknown, total: number | null) {
  const rows = receivedRows(data)
  return rows && total !== null ? { row: rows[0], count: total } : undefined
}

/** By the microsecond, of which `Date` knows nothing. Both as the database writes them. */
function isLater(time: string, than: string): boolean {
  const byMilliseconds = Date.parse(time) - Date.parse(than)
  return byMilliseconds === 0 ? microsecondsOf(time) > microsecondsOf(than) : byMilliseconds > 0
}

const microsecondsOf = (time: string): number => Number((/\.(\d+)/.exec(time)?.[1] ?? '').padEnd(6, '0').slice(3, 6))

/** Which events of a run have been seen, and the way to those that have not. */
export class SeenEvents {
  readonly #asking: Asking
  readonly #key: RunKey
  readonly #ids = new Set<string>()
  /** Counted events that were seen by an earlier following, or are gone. */
  #accounted = 0
  /** Ids up to this one are in order: what comes later is found behind it. */
  #newest: string | undefined
  /** When the last of those that were seen was received, as the database wrote it. */
  #received: string | undefined
  /** The id up to which an earlier following has seen everything that had been received then. */
  readonly #afterId: string | undefined
  #receivedBefore: string | undefined
  #isOpen = false

  constructor(asking: Asking, key: RunKey, afterId?: string) {
    this.#asking = asking
    this.#key = key
    this.#afterId = afterId?.toLowerCase()
  }

  has(id: string): boolean {
    return this.#ids.has(id) || (this.#isOpen && this.#afterId !== undefined && id <= this.#afterId)
  }

  /** How many events the run counts that have not been seen and are not known to be gone. */
  missingOf({ event_count }: RunRow): number {
    return event_count - this.#ids.size - this.#accounted
  }

  /** Those that can be found in one look: behind the newest, and then those that were received lately. Costs by what is new, not by the length of the run. */
  async *unseenOf(run: RunRow): AsyncGenerator<StoredEventRow, void, undefined> {
    if (this.#afterId !== undefined && !this.#isOpen) await this.#goOn(this.#afterId)
    this.#isOpen = true
    if (this.missingOf(run) < 0) this.#startAnew() // deleted, and begun again
    if (this.missingOf(run) <= 0) return
    const since = this.#received
    yield* this.#take(run, { afterId: this.#newest })
    if (this.missingOf(run) <= 0 || since === undefined) return
    yield* this.#take(run, { receivedFrom: new Date(Date.parse(since) - slackMs).toISOString() })
  }

  /** Looks through the whole run for those that are missing still. What is not found is gone, and waited for no more. */
  async *searchAll(run: RunRow): AsyncGenerator<StoredEventRow, void, undefined> {
    if (this.#ids.size > 0) yield* this.#take(run, { afterId: undefined })
    this.#accounted += Math.max(0, this.missingOf(run))
  }

  async *#take(run: RunRow, range: EventRange): AsyncGenerator<StoredEventRow, void, undefined> {
    for await (const row of readEventRows(this.#asking, this.#key, range)) {
      if (this.#ids.has(row.id) || this.#wasSeenBefore(row)) continue
      this.#ids.add(row.id)
      if (this.#newest === undefined || row.id > this.#newest) this.#newest = row.id
      if (this.#received === undefined || isLater(row.received_at, this.#received)) this.#received = row.received_at
      yield row
      if (this.missingOf(run) <= 0) return // no empty page is needed to know that this was all
    }
  }

  #wasSeenBefore({ id, received_at }: StoredEventRow): boolean {
    return this.#afterId !== undefined && this.#receivedBefore !== undefined && id <= this.#afterId && !isLater(received_at, this.#receivedBefore)
  }

  /** Goes on where an earlier following ended: what was there up to that id when its event was received, it has seen. What came later is new, whatever its id. */
  async #goOn(afterId: string): Promise<void> {
    const { tenantId, runId } = this.#key
    const upTo = (tables: Tables) => tables.from('track_run_events').select('received_at', { count: 'exact' }).eq('tenant_id', tenantId).eq('run_id', runId).lte('id', afterId)
    const doing = `read the events of run ${runId}`
    const { row } = await ask(doing, this.#asking, (tables) => upTo(tables).order('id', { ascending: false }).limit(1), countedRows)
    const received = row?.received_at
    if (received !== undefined) this.#accounted = (await ask(doing, this.#asking, (tables) => upTo(tables).lte('received_at', received).limit(1), countedRows)).count
    this.#newest = afterId
    this.#received = received
    this.#receivedBefore = received
  }

  #startAnew(): void {
    this.#ids.clear()
    this.#accounted = 0
    this.#newest = undefined
    this.#received = undefined
    this.#receivedBefore = undefined
  }
}
