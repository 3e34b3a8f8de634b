import { startTimer, watchAbort } from '@track-orchestrator/registry/waiting'
import type { Clock } from '../engine/clock.ts'

interface Timer {
  readonly at: number
  readonly run: () => void
  readonly isWait: boolean
}

/**
 * Time in which waits cost none: while all that is left to do is wait, the clock jumps to the end of the next wait. While a handler works, or
 * where there is nothing but time limits, it goes as real time does, so that a handler that hangs is timed out all the same.
 */
export class TestClock implements Clock {
  #nowMs = 0
  #atWork = 0
  readonly #timers = new Set<Timer>()
  #callOff = () => {}

  readonly now = (): number => this.#nowMs

  /** A time limit: it never makes the clock jump by itself. */
  readonly startTimer = (ms: number, run: () => void): (() => void) => this.#add(ms, run, false)

  /** Waits, in this clock's time. Answers whether all of it passed, or the signal was aborted before. */
  readonly wait = (ms: number, signal: AbortSignal): Promise<boolean> =>
    new Promise((resolve) => {
      const stop = this.#add(ms, () => end(true), true)
      const unwatch = watchAbort(signal, () => end(false))
      const end = (passed: boolean) => {
        stop()
        unwatch()
        resolve(passed)
      }
    })

  /** Does work that takes real time. */
  readonly work = <Result>(work: () => Promise<Result>): Promise<Result> => this.#counted(1, work)

  /** Does, within `work`, what is no work: waiting for others. */
  readonly rest = <Result>(rest: () => Promise<Result>): Promise<Result> => this.#counted(-1, rest)

  async #counted<Result>(by: number, run: () => Promise<Result>): Promise<Result> {
    this.#count(by)
    try {
      return await run()
    } finally {
      this.#count(-by)
    }
  }

  #count(by: number): void {
    this.#atWork += by
    this.#look()
  }

  #add(ms: number, run: () => void, isWait: boolean): () => void {
    const timer = { at: this.#nowMs + Math.max(0, ms), run, isWait }
    this.#timers.add(timer)
    this.#look()
    return () => {
      this.#timers.delete(timer)
      this.#look()
    }
  }

  /** Looks, when all that is ready has been done, how the clock goes on. */
  #look(): void {
    this.#callOff()
    const turn = setImmediate(() => this.#goOn())
    this.#callOff = () => clearImmediate(turn)
  }

  #goOn(): void {
    const [next] = [...this.#timers].toSorted((a, b) => a.at - b.at)
    if (!next) return
    const jumps = this.#atWork === 0 && [...this.#timers].some(({ isWait }) => isWait)
    const fire = () => {
      this.#nowMs = next.at
      this.#timers.delete(next)
      next.run()
      this.#look()
    }
    if (jumps) fire()
    else this.#callOff = startTimer(next.at - this.#nowMs, fire)
  }
}
