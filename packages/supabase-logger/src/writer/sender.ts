import { backoffDelayMs, longestRetryAfterMs, wait, type Backoff } from '@track-orchestrator/registry/waiting'
import type { EventRow } from '../event-row.ts'
import { describeAnswer, isUnexplained, tellTrouble, verdictOf, type Send, type SendResult } from './answer.ts'
import { deliver, type Delivered, type Unanswered } from './deliver.ts'
import type { Notices } from './notices.ts'
import type { Entry, Portion } from './segment.ts'
import type { SpoolQueue } from './spool-queue.ts'

export interface SenderOptions {
  readonly send: Send
  readonly notices: Notices
  /** Takes a row that the database refuses, also alone. Whether there was room for it. */
  readonly refuse: (row: EventRow, result: SendResult) => boolean
  /** Takes the beginning of a line that is no row. Whether there was room for it. */
  readonly refuseLine: (sample: string) => boolean
  /** Takes a row that has to wait by itself, for its run's sake or because it cannot be set aside. Whether there was room for it. */
  readonly putApart: (row: EventRow) => boolean
  /** Called after each batch that made room in the queue. */
  readonly onSettled: () => void
  /** What one request carries at most. */
  readonly batch: Portion
  /** How long the first row of a batch waits for others. Milliseconds. */
  readonly intervalMs: number
  readonly backoff: Backoff
  /** How long all rows are held before the next try where somebody has to mend something first. Milliseconds. */
  readonly holdMs: number
  /** Shared by the senders of a log. */
  readonly progress: Progress
}

/** How it goes for all who send. */
export interface Progress {
  /** When the database last took a row: by `performance.now()`. */
  takenAt: number
  /** Rows that the service leaves without an answer while it is well. */
  readonly unanswered: Unanswered
}

/** While somebody waits for rows to be settled, no pause is longer. Milliseconds. */
const hurriedPauseMs = 1_000
/** Failures in a row before it is told that Supabase does not answer: a hiccup is not worth a line. */
const failuresToTell = 3

/** Our own time for an answer was over, the database's, or that of a gateway. */
const isTooSlow = ({ timedOut, code = '', status }: SendResult): boolean => timedOut === true || code === '57014' || (code === '' && (status === 504 || status === 524))

interface Waiter {
  readonly isDone: () => boolean
  readonly resolve: () => void
}

/** Sends what waits in a queue, one batch at a time, for as long as anything waits. Keeps no process alive by its pauses. */
export class Sender {
  readonly #queue: SpoolQueue
  readonly #options: SenderOptions
  /** The rows have been refused before, and go back into the same queue where they have to wait again. */
  readonly #isApart: boolean
  #pause = new AbortController()
  readonly #waiters = new Set<Waiter>()
  #batchRows: number
  #failures = 0
  /** Requests in a row that got no answer of the service's own. */
  #unexplained = 0
  /** By `performance.now()`. */
  #failedAt = 0
  /** What was in the queue when it was last asked for is sent without a pause, as long as it is taken. */
  #hurriedTo = 0
  #isAway = false
  #isRunning = false
  #isStopped = false
  /** Rows in the database by this sender's doing. */
  sent = 0

  constructor(queue: SpoolQueue, options: SenderOptions, isApart = false) {
    this.#queue = queue
    this.#options = options
    this.#isApart = isApart
    this.#batchRows = options.batch.rows
  }

  /** Something was put into the queue. */
  wake(): void {
    this.#isStopped = false
    if (!this.#isRunning) void this.#run()
    else if (this.#failures === 0 && this.#isBatchFull) this.#pause.abort()
  }

  /** Whether the database is known to take nothing just now. */
  get isAway(): boolean {
    return this.#isAway
  }

  /** Begins to send what is in the queue now. Nobody waits for it, and where it is not taken, it is tried again as ever. */
  hurry(): void {
    if (this.#queue.isEmpty) return
    this.#hurriedTo = this.#queue.written
    this.wake()
    if (this.#failures === 0) this.#pause.abort()
  }

  /** Waits until all that is in the queue now is settled, or `until` resolves; meanwhile nothing pauses for long. */
  async wait(until: Promise<unknown>): Promise<void> {
    const written = this.#isApart || this.#queue.written === 0 ? Infinity : this.#queue.written
    const isDone = () => this.#queue.isEmpty || this.#queue.passed >= written
    if (isDone()) return
    let waiter: Waiter | undefined
    const done = new Promise<void>((resolve) => this.#waiters.add((waiter = { isDone, resolve })))
    this.wake()
    this.#pause.abort()
    const waitedFrom = performance.now()
    await Promise.race([done, until])
    // Nothing was taken in all that time: who asks next need not wait as long to learn the same.
    if (this.#waiters.delete(waiter!) && this.#options.progress.takenAt < waitedFrom) this.#isAway = true
  }

  /** Sends nothing more after the request that is under way. */
  stop(): void {
    this.#isStopped = true
    this.#pause.abort()
  }

  get #isHurried(): boolean {
    return this.#waiters.size > 0 || (this.#failures === 0 && this.#queue.passed < this.#hurriedTo)
  }

  get #isBatchFull(): boolean {
    return this.#queue.heldRows >= this.#batchRows || this.#queue.hasRowsOnDiskOnly
  }

  async #run(): Promise<void> {
    this.#isRunning = true
    if (this.#isApart) await this.#rest(this.#options.backoff.minDelayMs)
    while (!this.#queue.isEmpty && !this.#isStopped) {
      if (!this.#isApart && !this.#isBatchFull && !this.#isHurried) await this.#rest(this.#options.intervalMs)
      const pauseMs = await this.#sendBatch().catch((error: unknown) => this.#cannotRead(error))
      for (const waiter of this.#waiters) {
        if (waiter.isDone() && this.#waiters.delete(waiter)) waiter.resolve()
      }
      if (pauseMs > 0 && !this.#isStopped) await this.#rest(this.#waiters.size > 0 ? Math.min(pauseMs, hurriedPauseMs) : pauseMs)
    }
    this.#isRunning = false
  }

  /** Until it is woken, or for so long. Keeps no process alive. */
  async #rest(ms: number): Promise<void> {
    this.#pause = new AbortController()
    await wait(ms, this.#pause.signal, { keepsProcess: false })
  }

  /** How long to wait before the next one. */
  async #sendBatch(): Promise<number> {
    const { batch, send, progress, refuse, refuseLine, putApart, onSettled, holdMs } = this.#options
    const entries = await this.#queue.peek({ rows: this.#batchRows, bytes: batch.bytes })
    const [whole, torn] = [entries.filter(({ row }) => row !== undefined), entries.filter(({ row }) => row === undefined)]
    const rows = whole.map(({ row }) => row!)
    const delivered = await deliver(rows, send, {
      othersAreTaken: this.#isApart && progress.takenAt > this.#failedAt,
      haveWaited: this.#isApart && this.#failures >= failuresToTell,
      isInDoubt: this.#isApart || this.#unexplained >= failuresToTell - 1,
      ...progress,
    })
    this.#unexplained = delivered.stop && isUnexplained(delivered.stop) ? this.#unexplained + 1 : 0
    if (delivered.stored.length > 0) {
      progress.takenAt = performance.now()
      this.#isAway = false
    }

    const settled: Entry[] = delivered.stored.map((index) => whole[index]!)
    for (const { index, result } of delivered.refused) if (refuse(rows[index]!, result) || putApart(rows[index]!)) settled.push(whole[index]!)
    for (const { index } of delivered.waiting) if (putApart(rows[index]!)) settled.push(whole[index]!)
    this.#queue.settle([...settled, ...torn.filter(({ sample }) => refuseLine(sample!))])
    this.#queue.leave(torn) // those that could not be set aside stay in their file
    this.sent += delivered.stored.length
    if (settled.length > 0) onSettled()
    const isStuck = settled.length === 0 && torn.length === 0 && !delivered.stop
    return Math.max(this.#followUp(delivered, rows), isStuck ? holdMs : 0)
  }

  /** The rows were refused just now: only what is taken from now on proves that others are. */
  noteRefusal(): void {
    this.#failedAt = performance.now()
  }

  #followUp(delivered: Delivered, rows: readonly EventRow[]): number {
    const { stop, stored, waiting } = delivered
    const { notices, batch, backoff, holdMs } = this.#options
    if (stored.length > 0) notices.recovered('Supabase takes events again: what was kept on disk is being sent')
    const failed = stop ?? waiting.at(-1)?.result
    // What takes too long, or is cut off on its way, may get through in smaller pieces.
    if (failed && isTooSlow(failed)) this.#batchRows = Math.max(1, Math.floor(this.#batchRows / 4))
    else if (!stop) this.#batchRows = Math.min(batch.rows, this.#batchRows * 2)
    if (!failed || (!stop && !this.#isApart)) {
      this.#failures = 0
      return 0
    }
    this.#failures++
    this.#failedAt = performance.now()
    if (this.#isApart && !stop) {
      if (this.#failures >= failuresToTell) this.#tellWaiting(waiting.map(({ index }) => rows[index]!), failed)
      return Math.max(1, backoffDelayMs(backoff, this.#failures))
    }
    const verdict = verdictOf(failed)
    const mayPass = verdict === 'again' || verdict === 'busy'
    if (!mayPass || this.#failures >= failuresToTell) {
      this.#isAway = true
      tellTrouble(notices, verdict, failed)
    }
    if (!mayPass) return holdMs
    return Math.max(1, backoffDelayMs(backoff, this.#failures), Math.min(failed.retryAfterMs ?? 0, longestRetryAfterMs))
  }

  #tellWaiting(rows: readonly EventRow[], result: SendResult): void {
    const runs = new Set(rows.map(({ run_id }) => run_id))
    const which = runs.size === 1 ? `run ${[...runs][0]}` : `${runs.size} runs`
    this.#options.notices.say('run_waits', `Supabase does not take the events of ${which}: ${describeAnswer(result)}. They wait on disk; those of others go on`)
  }

  #cannotRead(error: unknown): number {
    this.#options.notices.say('spool_failed', `The spool cannot be read: ${String(error)}`)
    return this.#options.holdMs
  }
}
