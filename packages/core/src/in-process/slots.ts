/**
 * A number of places, and a queue for them, first come first served.
 * A place can be given back while its holder waits for others (a task that fans out), and asked for again.
 */
export class Slots {
  #free: number
  readonly #queue: (() => void)[] = []

  constructor(count: number) {
    this.#free = count
  }

  /** Resolves when a place is held. `undefined` where one was free: nothing to wait for. */
  take(): Promise<void> | undefined {
    if (this.#free > 0) {
      this.#free--
      return undefined
    }
    return new Promise((resolve) => this.#queue.push(resolve))
  }

  give(): void {
    const next = this.#queue.shift()
    if (next) next()
    else this.#free++
  }
}
