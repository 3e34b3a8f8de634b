import type { RunEvent } from '@track-orchestrator/core'
import { redactValue } from '@track-orchestrator/registry'
import type { ViewedEvent } from '../model/wire.ts'
import type { HistoryReader } from './history-reader.ts'
import { eventOfRun } from './journal-events.ts'

/** A run that has ended may be gone on with: so often it is looked for that, in milliseconds. */
const againAfterMs = 5_000

/** A run's history as far as it has come. Events that arrive late come last: a place in it stays what it was. */
export class HistoryTail {
  readonly events: ViewedEvent[] = []
  /** By their references. */
  readonly values = new Map<string, unknown>()
  first: RunEvent | undefined
  readonly #reader: HistoryReader
  readonly #key: { readonly tenantId: string; readonly runId: string }
  readonly #seen = new Set<string>()
  #lastId: string | undefined
  #read: Promise<void> | undefined
  #following: AbortController | undefined
  #failure: unknown
  #followedUntil = 0

  constructor(reader: HistoryReader, key: { readonly tenantId: string; readonly runId: string }) {
    this.#reader = reader
    this.#key = key
  }

  /** What is there already is waited for; what is to come arrives by itself. Throws what the reader throws. */
  async read(): Promise<void> {
    this.#read ??= this.#readAll()
    try {
      await this.#read
    } catch (error) {
      this.#read = undefined
      throw error
    }
    if (this.#failure !== undefined) {
      const failure = this.#failure
      this.#failure = undefined
      throw failure as Error
    }
    if (this.first && !this.#following && Date.now() - this.#followedUntil > againAfterMs) void this.#follow()
  }

  async #readAll(): Promise<void> {
    for await (const event of this.#reader.readEvents(this.#key)) this.#take(event)
  }

  async #follow(): Promise<void> {
    const following = new AbortController()
    this.#following = following
    try {
      for await (const event of this.#reader.followRun(this.#key, { signal: following.signal, ...(this.#lastId !== undefined && { afterId: this.#lastId }) })) this.#take(event)
    } catch (error) {
      this.#failure = error
    } finally {
      this.#following = undefined
      this.#followedUntil = Date.now()
    }
  }

  #take(event: RunEvent): void {
    if (this.#seen.has(event.id)) return
    this.#seen.add(event.id)
    if (this.#lastId === undefined || event.id > this.#lastId) this.#lastId = event.id
    if (!this.first || event.type === 'run.started') this.first = event
    const { input, output, ...body }: RunEvent & { readonly input?: unknown; readonly output?: unknown } = event
    const references: Record<string, string> = {}
    for (const [name, value] of [['input', input], ['output', output]] as const) {
      if (value === undefined) continue
      references[name] = `${event.id}.${name}`
      this.values.set(references[name], redactValue(value))
    }
    this.events.push({ ...(redactValue(eventOfRun(body)) as ViewedEvent), ...references })
  }

  close(): void {
    this.#following?.abort()
  }
}
