import { TimedOutError, type TracksError } from '@track-orchestrator/registry'
import { startTimer, watchAbort } from '@track-orchestrator/registry/waiting'
import { forManyListeners } from './stopping.ts'

/**
 * The time limit of one attempt, and the signal that its handler is given: aborted when the time is over, or along with the call's
 * own. The clock can be stopped while the handler waits for something that is not its own work.
 */
export class TimeLimit {
  readonly #controller = new AbortController()
  readonly #error: TracksError
  readonly #unwatch: () => void
  #leftMs: number
  /** When the clock was started last; `undefined` while it stands. */
  #startedAt: number | undefined
  #stopTimer = () => {}
  #pauses = 0
  #over = false

  constructor(timeoutMs: number, taskName: string, signal: AbortSignal) {
    this.#leftMs = timeoutMs
    this.#error = new TimedOutError(`${taskName} did not end within ${timeoutMs} ms (timeoutMs)`)
    forManyListeners(this.#controller.signal)
    this.#unwatch = watchAbort(signal, () => this.#controller.abort(signal.reason))
    this.#start()
  }

  get signal(): AbortSignal {
    return this.#controller.signal
  }

  /** What the attempt has failed with if its time is over: also where the process was too busy for the timer to tell. */
  get error(): TracksError | undefined {
    const ranMs = this.#startedAt === undefined ? 0 : performance.now() - this.#startedAt
    return this.#over || ranMs > this.#leftMs ? this.#error : undefined
  }

  /** Stops the clock. Every pause needs a `resume`. */
  pause(): void {
    if (this.#pauses++ > 0 || this.#startedAt === undefined || this.error) return
    this.#leftMs -= performance.now() - this.#startedAt
    this.#stop()
  }

  resume(): void {
    if (--this.#pauses === 0 && this.#startedAt === undefined) this.#start()
  }

  /** To be called when the attempt has ended. */
  end(): void {
    this.#stop()
    this.#pauses = Number.POSITIVE_INFINITY // a handler that was left behind may resume it
    this.#unwatch()
  }

  #start(): void {
    this.#startedAt = performance.now()
    this.#stopTimer = startTimer(this.#leftMs, () => {
      this.#over = true
      this.#controller.abort(this.#error)
    })
  }

  #stop(): void {
    this.#stopTimer()
    this.#startedAt = undefined
  }
}
