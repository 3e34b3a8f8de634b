import { watchAbort } from '@track-orchestrator/registry/waiting'
import { processClock, type Clock } from './clock.ts'
import { forManyListeners } from './stopping.ts'

/**
 * The moment by which a track must have ended, and the signal of all that runs in it: aborted at that moment, or along with the signal around it.
 * A process that is suspended meanwhile fires no timer: whoever goes on after a wait looks (`look`).
 */
export class Deadline {
  /** Milliseconds since 1970. */
  readonly at: number
  readonly signal: AbortSignal
  readonly #controller = new AbortController()
  readonly #stopTimer: () => void
  readonly #unwatch: () => void
  #isOver = false

  /** `around`: what is cancelled with it. `now`: when the time left was worked out. */
  constructor(at: number, around: AbortSignal, clock: Clock = processClock, now = Date.now()) {
    this.at = at
    this.signal = forManyListeners(this.#controller.signal)
    this.#unwatch = watchAbort(around, () => this.#controller.abort(around.reason))
    this.#stopTimer = clock.startTimer(Math.max(0, at - now), () => this.pass())
  }

  /** Whether it is past. */
  look(): boolean {
    if (!this.#isOver && Date.now() >= this.at) this.pass()
    return this.#isOver
  }

  /** It is past, by whose clock ever. */
  pass(): void {
    this.#isOver = true
    this.#controller.abort(new Error('its time was over'))
  }

  /** To be called when what had to end has ended. */
  close(): void {
    this.#stopTimer()
    this.#unwatch()
  }
}
