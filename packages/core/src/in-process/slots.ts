import Queue from 'yocto-queue'
import { watchAbort } from '@track-orchestrator/registry/waiting'

interface Waiter {
  /** It was cancelled: its turn is passed over. */
  gone: boolean
  readonly resolve: (held: boolean) => void
}

/**
 * A number of places, and a queue for them, first come first served.
 * A place can be given back while its holder waits for others (a task that fans out), and asked for again.
 */
export class Slots {
  #free: number
  readonly #queue = new Queue<Waiter>()

  constructor(count: number) {
    this.#free = count
  }

  /** Resolves with true when a place is held, with false as soon as the signal is aborted. `undefined` where a place was free: it is held. */
  take(signal: AbortSignal): Promise<boolean> | undefined {
    if (this.#free > 0) {
      this.#free--
      return undefined
    }
    return new Promise((resolve) => {
      const leave = () => {
        waiter.gone = true
        resolve(false)
      }
      const waiter: Waiter = {
        gone: false,
        resolve: (held) => {
          unwatch()
          resolve(held)
        },
      }
      this.#queue.enqueue(waiter)
      const unwatch = watchAbort(signal, leave)
    })
  }

  give(): void {
    for (let next = this.#queue.dequeue(); next; next = this.#queue.dequeue()) {
      if (!next.gone) return next.resolve(true)
    }
    this.#free++
  }
}

/** A call's places in the engine: given up while it waits, taken again, and given back for good at its end. */
export class Lease {
  readonly #slots: readonly Slots[]
  readonly #signal: AbortSignal
  #held: Slots[] = []
  #ended = false

  constructor(slots: readonly Slots[], signal: AbortSignal) {
    this.#slots = slots
    this.#signal = signal
  }

  /** Resolves when all places are held, or when the call is cancelled: then none is. */
  async take(): Promise<void> {
    for (const slots of this.#slots) {
      const held = slots.take(this.#signal)
      if (held && !(await held)) return this.give()
      this.#held.push(slots)
    }
    if (this.#ended) this.give() // its handler was left behind meanwhile
  }

  give(): void {
    const held = this.#held
    this.#held = []
    for (const slots of held) slots.give()
  }

  /** Runs what needs no place: waiting for other tasks, or for the next attempt. */
  async without<Result>(wait: () => Promise<Result>): Promise<Result> {
    this.give()
    try {
      return await wait()
    } finally {
      if (!this.#ended) await this.take()
    }
  }

  end(): void {
    this.#ended = true
    this.give()
  }
}
