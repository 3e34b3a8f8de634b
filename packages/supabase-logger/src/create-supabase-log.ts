import { randomBytes } from 'node:crypto'
import type { LogLoss, RunEvent, RunLog } from '@track-orchestrator/core'
import { startTimer } from '@track-orchestrator/registry/waiting'
import { toEventRow, type EventRow } from './event-row.ts'
import { checkLogOptions, type SupabaseLogOptions } from './log-options.ts'
import { sendRows } from './writer/answer.ts'
import { DroppedEvents } from './writer/dropped-events.ts'
import { Notices } from './writer/notices.ts'
import { toLine } from './writer/segment.ts'
import { Sender } from './writer/sender.ts'
import { SetAside } from './writer/set-aside.ts'
import { priorityOf, Spool } from './writer/spool.ts'

/** A `RunLog`, and what becomes of its events. */
export interface SupabaseLog extends RunLog {
  counts(): SupabaseLogCounts
  /** Sends what waits, also what dead processes left, for `deadlineMs` at most; then closes the files. What waits still, the next process sends. */
  close(deadlineMs: number): Promise<void>
}

/** Since the log was created. */
export interface SupabaseLogCounts {
  /** Events taken. */
  readonly written: number
  /** In the database, those of dead processes too. */
  readonly sent: number
  /** Taken, and neither sent nor refused yet. */
  readonly waiting: number
  /** Refused by the database, and lines that are no events: they lie in `dead.jsonl`. */
  readonly refused: number
  /** There was no room for them. */
  readonly dropped: number
}

const mebibyte = 1024 * 1024
/** A sign of life so often, and every other time a look for dead processes. Milliseconds. */
const housekeepingMs = 15_000

/**
 * A log that keeps the events of tracks and orchestrators with `enableSupabaseLogging: true` in Supabase.
 * `write` puts an event on disk and returns; a sender in the background takes it from there, through outages and restarts.
 * Keeps no process alive, except while somebody awaits `flush` or `close`, or a request is under way.
 * Throws `DefinitionError` for a wrong option, without a client, and without a URL and a key to make one of.
 */
export function createSupabaseLog(options: SupabaseLogOptions): SupabaseLog {
  return new SpooledLog(options)
}

class SpooledLog implements SupabaseLog {
  readonly payloads: boolean
  readonly sizes = true
  /** See `EventRow`. */
  readonly #writer = randomBytes(6).toString('base64url')
  readonly #spool: Spool
  readonly #notices: Notices
  readonly #setAside: SetAside
  readonly #dropped = new DroppedEvents()
  readonly #own: Sender
  readonly #inherited: Sender
  readonly #apart: Sender
  readonly #start: NodeJS.Immediate
  #housekeeping: NodeJS.Timeout | undefined
  #lastWrite = 0

  constructor(options: SupabaseLogOptions) {
    const { client, root, schema, payloads, diskBytes, memoryEvents, batchEvents, intervalMs, timeoutMs, holdMs, retry, onNotice } = checkLogOptions(options)
    this.payloads = payloads
    this.#notices = new Notices(onNotice)
    this.#setAside = new SetAside(root, Math.floor(diskBytes / 8), this.#notices)
    this.#spool = new Spool({ root, diskBytes, memory: { rows: memoryEvents, bytes: 32 * mebibyte }, notices: this.#notices })
    const sending = {
      send: async (rows: readonly EventRow[]) => sendRows(client, schema, rows, timeoutMs),
      notices: this.#notices,
      refuse: this.#setAside.addRow.bind(this.#setAside),
      refuseLine: this.#setAside.addLine.bind(this.#setAside),
      putApart: (row: EventRow) => this.#putApart(row),
      onSettled: () => this.#tellDropped(),
      batch: { rows: batchEvents, bytes: 2 * mebibyte },
      intervalMs,
      holdMs,
      backoff: retry,
      progress: { takenAt: 0, unanswered: new Map() },
    }
    this.#own = new Sender(this.#spool.own, sending)
    this.#inherited = new Sender(this.#spool.inherited, sending)
    this.#apart = new Sender(this.#spool.apart, sending, true)
    this.#start = setImmediate(() => this.#keepHouse()).unref()
  }

  write(event: RunEvent): void {
    if (!event.kept) return
    try {
      const row = { ...toEventRow(event), writer: this.#writer, written_at: this.#now() }
      if (this.#spool.keep(toLine(row), priorityOf(row))) this.#own.wake()
      else this.#drop(event, 'there is no room to keep them')
    } catch (error) {
      this.#drop(event, String(error))
    }
  }

  get isAway(): boolean {
    return this.#own.isAway
  }

  async flush(deadlineMs: number, loss: LogLoss = 'machine'): Promise<void> {
    this.#own.hurry()
    // The disk outlives the process, and the next one sends what lies there.
    if (loss === 'process' && this.#spool.own.rowsInMemoryOnly === 0) return
    if (!(deadlineMs > 0)) return
    await within(deadlineMs, async (over) => {
      await this.#own.wait(over)
      await this.#apart.wait(over)
    })
  }

  async close(deadlineMs: number): Promise<void> {
    this.#adopt()
    await within(deadlineMs, async (over) => {
      await Promise.all([this.#own.wait(over), this.#inherited.wait(over)])
      await this.#apart.wait(over)
    })
    clearImmediate(this.#start)
    clearInterval(this.#housekeeping)
    for (const sender of [this.#own, this.#inherited, this.#apart]) sender.stop()
    this.#spool.close()
  }

  counts(): SupabaseLogCounts {
    const { own, apart } = this.#spool
    const sent = this.#own.sent + this.#inherited.sent + this.#apart.sent
    const waiting = own.written - own.settled + apart.written - apart.settled
    return { written: own.written, sent, waiting, refused: this.#setAside.count, dropped: this.#dropped.total }
  }

  /** By this machine's clock, to the microsecond, and never the same twice: within one log it gives the order of what happened. */
  #now(): string {
    this.#lastWrite = Math.max(this.#lastWrite + 1, Date.now() * 1_000)
    const milliseconds = new Date(Math.floor(this.#lastWrite / 1_000)).toISOString().slice(0, -1)
    return `${milliseconds}${String(this.#lastWrite % 1_000).padStart(3, '0')}Z`
  }

  #putApart(row: EventRow): boolean {
    if (this.#spool.apart.append(toLine(row)) === 'lost') return false
    this.#apart.noteRefusal()
    this.#apart.wake()
    return true
  }

  #keepHouse(): void {
    let round = 0
    this.#adopt()
    this.#housekeeping = setInterval(() => {
      this.#spool.touch()
      if (++round % 2 === 0) this.#adopt()
    }, housekeepingMs).unref()
  }

  #adopt(): void {
    if (this.#spool.adopt()) this.#inherited.wake()
  }

  #drop(event: RunEvent, why: string): void {
    this.#dropped.add(event)
    this.#notices.say('events_dropped', `Events of runs are dropped, ${this.#dropped.total} so far: ${why}. Debug events go first`)
  }

  /** Each run that lost events is told how many, once there is plenty of room again. */
  #tellDropped(): void {
    if (this.#dropped.isEmpty || !this.#spool.hasRoomFor('low')) return
    for (const event of this.#dropped.take()) this.write(event)
  }
}

/** Until that is done, or the time is over: `over` resolves then. Meanwhile the process stays. */
async function within(deadlineMs: number, wait: (over: Promise<void>) => Promise<void>): Promise<void> {
  let stopTimer = () => {}
  const over = new Promise<void>((resolve) => (stopTimer = startTimer(deadlineMs || 0, resolve)))
  await wait(over)
  stopTimer()
}
