import { tmpdir, userInfo } from 'node:os'
import { join } from 'node:path'
import type { RunEvent, RunLog } from '@track-orchestrator/core'
import { DefinitionError } from '@track-orchestrator/registry'
import { toEventRow, type EventRow } from './event-row.ts'
import { DeadLetters } from './writer/dead-letters.ts'
import { DroppedEvents } from './writer/dropped-events.ts'
import { createEventsClient, projectName, type EventsClient } from './writer/events-client.ts'
import { toLine } from './writer/lines.ts'
import { Notices, type LogNotice } from './writer/notices.ts'
import { priorityOf } from './writer/priority.ts'
import { sendRows } from './writer/send-rows.ts'
import { Sender, type Wait } from './writer/sender.ts'
import { Spool } from './writer/spool.ts'

export interface SupabaseLogOptions {
  /** A client with the service role's rights. Default: one made from `url` and `key`. */
  readonly client?: EventsClient
  /** The project's URL: `https://….supabase.co`. */
  readonly url?: string
  /** The service role's key. Never the anon key: that may write nothing. */
  readonly key?: string
  /** Events hold inputs and outputs in full. Default false. */
  readonly payloads?: boolean
  /** Where events are kept until they are in the database, in a folder a project. Default: below the system's temporary folder, for this user only. */
  readonly spoolFolder?: string
  /** What this log may hold on disk: beyond, debug events are dropped first. Default 512 MiB. */
  readonly diskBytes?: number
  /** Events held in memory at most; what comes after is read back from disk. Default 10,000 (and 32 MiB). */
  readonly memoryEvents?: number
  /** Events in one request at most. Default 500. */
  readonly batchEvents?: number
  /** How long the first event of a batch waits for others. Default 1,000 ms. */
  readonly intervalMs?: number
  /** How long an answer may take. Default 10,000 ms. */
  readonly timeoutMs?: number
  /** Between tries while Supabase does not answer: a random time below a limit that doubles from `minDelayMs` (100) to `maxDelayMs` (30,000). */
  readonly retry?: { readonly minDelayMs?: number; readonly maxDelayMs?: number }
  /** Between tries while somebody has to mend something: a refused key, a missing migration. Default 30,000 ms. */
  readonly holdMs?: number
  /** Told what an operator should know, each thing once. Default: a line on standard error. */
  readonly onNotice?: (notice: LogNotice) => void
}

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
  /** Refused by the database: they lie in `dead.jsonl`. */
  readonly refused: number
  /** There was no room for them. */
  readonly dropped: number
}

const mebibyte = 1024 * 1024
/** A sign of life so often, and every other time a look for dead processes. Milliseconds. */
const housekeepingMs = 15_000
const longestTimerMs = 2 ** 31 - 1

/**
 * A log that keeps the events of tracks and orchestrators with `enableSupabaseLogging: true` in Supabase.
 * `write` puts an event on disk and returns; a sender in the background takes it from there, through outages and restarts.
 * Keeps no process alive, except while somebody awaits `flush` or `close`, or a request is under way.
 * Throws `DefinitionError` without a client, and without a URL and a key to make one of.
 */
export function createSupabaseLog(options: SupabaseLogOptions): SupabaseLog {
  return new SpooledLog(options)
}

class SpooledLog implements SupabaseLog {
  readonly payloads: boolean
  readonly #spool: Spool
  readonly #notices: Notices
  readonly #dead: DeadLetters
  readonly #dropped = new DroppedEvents()
  readonly #own: Sender
  readonly #inherited: Sender
  readonly #start: NodeJS.Immediate
  #housekeeping: NodeJS.Timeout | undefined

  constructor(options: SupabaseLogOptions) {
    const { payloads = false, diskBytes = 512 * mebibyte, memoryEvents = 10_000, onNotice = warn } = options
    const { batchEvents = 500, intervalMs = 1_000, timeoutMs = 10_000, holdMs = 30_000, retry } = options
    const client = clientOf(options)
    const root = options.spoolFolder === undefined ? defaultFolder(projectName(client)) : join(options.spoolFolder, projectName(client))
    this.payloads = payloads
    this.#notices = new Notices(onNotice)
    this.#dead = new DeadLetters(root, Math.floor(diskBytes / 8), this.#notices)
    this.#spool = new Spool({ root, diskBytes, memory: { rows: memoryEvents, bytes: 32 * mebibyte }, notices: this.#notices })
    const sending = {
      send: async (rows: readonly EventRow[]) => sendRows(client, rows, timeoutMs),
      notices: this.#notices,
      onRefused: this.#dead.add.bind(this.#dead),
      onSettled: () => this.#tellDropped(),
      batch: { rows: batchEvents, bytes: 2 * mebibyte },
      intervalMs,
      holdMs,
      backoff: { minDelayMs: 100, maxDelayMs: 30_000, ...retry },
    }
    this.#own = new Sender(this.#spool.own, sending)
    this.#inherited = new Sender(this.#spool.inherited, sending)
    this.#start = setImmediate(() => this.#keepHouse()).unref()
  }

  write(event: RunEvent): void {
    if (!event.kept) return
    try {
      const row = toEventRow(event)
      if (this.#spool.keep(toLine(row), priorityOf(row))) this.#own.wake()
      else this.#drop(event, 'there is no room to keep them')
    } catch (error) {
      this.#drop(event, String(error))
    }
  }

  async flush(deadlineMs: number): Promise<void> {
    await within([this.#own.wait()], deadlineMs)
  }

  async close(deadlineMs: number): Promise<void> {
    this.#adopt()
    await within([this.#own.wait(), this.#inherited.wait()], deadlineMs)
    clearImmediate(this.#start)
    clearInterval(this.#housekeeping)
    this.#own.stop()
    this.#inherited.stop()
    this.#spool.close()
  }

  counts(): SupabaseLogCounts {
    const { written, settled } = this.#spool.own
    return { written, sent: this.#own.sent + this.#inherited.sent, waiting: written - settled, refused: this.#dead.count, dropped: this.#dropped.total }
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

function clientOf({ client, url, key }: SupabaseLogOptions): EventsClient {
  if (client) return client
  if (url && key) return createEventsClient(url, key)
  throw new DefinitionError(`A Supabase log needs a client, or a url and a key to make one of: ${url ? 'the key' : 'the url'} is missing`)
}

/** Temporary folders are shared: one for each user, and one for each project within it. */
function defaultFolder(project: string): string {
  return join(tmpdir(), `track-orchestrator-${process.getuid?.() ?? userInfo().username}-${project}`)
}

/** Until all waits are done, or the time is over. Meanwhile the process stays. */
async function within(waits: readonly Wait[], deadlineMs: number): Promise<void> {
  let timer: NodeJS.Timeout | undefined
  const deadline = new Promise<void>((resolve) => (timer = setTimeout(resolve, Math.min(Math.max(deadlineMs, 0), longestTimerMs))))
  await Promise.race([deadline, Promise.all(waits.map(({ done }) => done))])
  clearTimeout(timer)
  for (const wait of waits) wait.giveUp()
}

function warn({ message }: LogNotice): void {
  console.warn(`Supabase log: ${message}`)
}
