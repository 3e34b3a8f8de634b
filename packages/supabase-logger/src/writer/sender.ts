import type { EventRow } from '../event-row.ts'
import { backoffMs, type Backoff } from './backoff.ts'
import { deliver, type Delivered } from './bisect.ts'
import type { Entry, Portion } from './entry.ts'
import type { Notices } from './notices.ts'
import { Pause } from './pause.ts'
import type { SpoolQueue } from './spool-queue.ts'
import { tellTrouble } from './tell-trouble.ts'
import { verdictOf, type Send, type SendResult } from './verdict.ts'

export interface SenderOptions {
  readonly send: Send
  readonly notices: Notices
  /** A row that the database refuses, also alone. */
  readonly onRefused: (row: EventRow, result: SendResult) => void
  /** Called after each batch that made room in the queue. */
  readonly onSettled: () => void
  /** What one request carries at most. */
  readonly batch: Portion
  /** How long the first row of a batch waits for others. Milliseconds. */
  readonly intervalMs: number
  readonly backoff: Backoff
  /** How long all rows are held before the next try where somebody has to mend something first. Milliseconds. */
  readonly holdMs: number
}

/** While somebody waits for rows to be settled, no pause is longer. Milliseconds. */
const hurriedPauseMs = 1_000
/** Failures in a row before it is told that Supabase does not answer: a hiccup is not worth a line. */
const failuresToTell = 3

interface Waiter {
  readonly isDone: () => boolean
  readonly resolve: () => void
}

/** Somebody's wait for rows to be settled. */
export interface Wait {
  readonly done: Promise<void>
  /** Nobody waits any more. */
  giveUp(): void
}

/** Sends what waits in a queue, one batch at a time, for as long as anything waits. Keeps no process alive by its pauses. */
export class Sender {
  readonly #queue: SpoolQueue
  readonly #options: SenderOptions
  readonly #pause = new Pause()
  readonly #waiters = new Set<Waiter>()
  #batchRows: number
  #failures = 0
  #isRunning = false
  #isStopped = false
  /** Rows in the database by this sender's doing. */
  sent = 0

  constructor(queue: SpoolQueue, options: SenderOptions) {
    this.#queue = queue
    this.#options = options
    this.#batchRows = options.batch.rows
  }

  /** Something was put into the queue. */
  wake(): void {
    this.#isStopped = false
    if (!this.#isRunning) void this.#run()
    else if (this.#failures === 0 && this.#isBatchFull) this.#pause.end()
  }

  /** Waits until all that is in the queue now is settled; meanwhile nothing pauses for long. */
  wait(): Wait {
    const until = this.#queue.written === 0 ? Infinity : this.#queue.written
    const isDone = () => this.#queue.isEmpty || this.#queue.settled >= until
    if (isDone()) return { done: Promise.resolve(), giveUp: () => undefined }
    let waiter: Waiter | undefined
    const done = new Promise<void>((resolve) => this.#waiters.add((waiter = { isDone, resolve })))
    this.wake()
    this.#pause.end()
    return { done, giveUp: () => waiter && this.#waiters.delete(waiter) }
  }

  /** Sends nothing more after the request that is under way. */
  stop(): void {
    this.#isStopped = true
    this.#pause.end()
  }

  get #isBatchFull(): boolean {
    return this.#queue.heldRows >= this.#batchRows || this.#queue.hasRowsOnDiskOnly
  }

  async #run(): Promise<void> {
    this.#isRunning = true
    while (!this.#queue.isEmpty && !this.#isStopped) {
      if (!this.#isBatchFull && this.#waiters.size === 0) await this.#pause.for(this.#options.intervalMs)
      const pauseMs = await this.#sendBatch().catch((error: unknown) => this.#cannotRead(error))
      for (const waiter of this.#waiters) {
        if (waiter.isDone() && this.#waiters.delete(waiter)) waiter.resolve()
      }
      if (pauseMs > 0 && !this.#isStopped) await this.#pause.for(this.#waiters.size > 0 ? Math.min(pauseMs, hurriedPauseMs) : pauseMs)
    }
    this.#isRunning = false
  }

  /** How long to wait before the next one. */
  async #sendBatch(): Promise<number> {
    const { batch, send, onRefused, onSettled } = this.#options
    const entries = await this.#queue.peek({ rows: this.#batchRows, bytes: batch.bytes })
    const rows = entries.flatMap(({ row }) => row ?? [])
    const delivered = await deliver(rows, send)
    for (const { index, result } of delivered.refused) onRefused(rows[index]!, result)
    const settled = delivered.stop ? entriesOf(entries, delivered.settled) : entries.length
    this.#queue.settle(entries, settled)
    this.sent += delivered.settled - delivered.refused.length
    if (settled > 0) onSettled()
    return this.#followUp(delivered)
  }

  #followUp({ stop, settled }: Delivered): number {
    const { notices, batch, backoff, holdMs } = this.#options
    if (!stop) {
      if (settled > 0) notices.recovered('Supabase takes events again: what was kept on disk is being sent')
      this.#failures = 0
      this.#batchRows = Math.min(batch.rows, this.#batchRows * 2)
      return 0
    }
    this.#failures++
    // What takes too long, or is cut off on its way, may get through in smaller pieces.
    if (stop.timedOut || stop.code === '57014') this.#batchRows = Math.max(1, Math.floor(this.#batchRows / 2))
    const verdict = verdictOf(stop)
    if (verdict !== 'again' || this.#failures >= failuresToTell) tellTrouble(notices, verdict, stop)
    return verdict === 'again' ? Math.max(1, backoffMs(this.#failures, backoff)) : holdMs
  }

  #cannotRead(error: unknown): number {
    this.#options.notices.say('spool_failed', `The spool cannot be read: ${String(error)}`)
    return this.#options.holdMs
  }
}

/** How many entries hold the first so many rows, and the lines without a row that follow them. */
function entriesOf(entries: readonly Entry[], rows: number): number {
  let seen = 0
  const end = entries.findIndex(({ row }) => row !== undefined && seen++ === rows)
  return end < 0 ? entries.length : end
}
