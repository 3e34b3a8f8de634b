/** Time that jumps from one wait to the next, when all that could go on has gone on. */
export class VirtualTime {
  now = 0
  /** A binary heap, the next wait first; equal ones in the order in which they began. */
  readonly #waits: { readonly at: number; readonly number: number; readonly resolve: () => void }[] = []
  #count = 0

  sleep(ms: number): Promise<void> {
    return new Promise((resolve) => this.#push({ at: this.now + ms, number: this.#count++, resolve }))
  }

  /** Goes on until nobody waits. */
  async run(): Promise<void> {
    for (;;) {
      await new Promise(setImmediate)
      const next = this.#pop()
      if (!next) return
      this.now = next.at
      next.resolve()
      // Whatever else is due at the same moment, before any of it goes on.
      while (this.#waits[0]?.at === this.now) this.#pop()!.resolve()
    }
  }

  #before(a: number, b: number): boolean {
    const [one, other] = [this.#waits[a]!, this.#waits[b]!]
    return one.at < other.at || (one.at === other.at && one.number < other.number)
  }

  #swap(a: number, b: number): void {
    ;[this.#waits[a], this.#waits[b]] = [this.#waits[b]!, this.#waits[a]!]
  }

  #push(wait: { at: number; number: number; resolve: () => void }): void {
    let place = this.#waits.push(wait) - 1
    for (let parent = (place - 1) >> 1; place > 0 && this.#before(place, parent); parent = (place - 1) >> 1) {
      this.#swap(place, parent)
      place = parent
    }
  }

  #pop() {
    const [first] = this.#waits
    const last = this.#waits.pop()
    if (this.#waits.length === 0 || !last) return first
    this.#waits[0] = last
    for (let place = 0; ; ) {
      const children = [2 * place + 1, 2 * place + 2].filter((child) => child < this.#waits.length)
      const least = children.reduce((best, child) => (this.#before(child, best) ? child : best), place)
      if (least === place) return first
      this.#swap(place, least)
      place = least
    }
  }
}
