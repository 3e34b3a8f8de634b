import { TimedOutError, type TracksError } from '@track-orchestrator/registry'
import { watchAbort } from '@track-orchestrator/registry/waiting'
import { processClock, type Clock } from './clock.ts'
import { forManyListeners } from './stopping.ts'

/**
 * The time limit of one attempt, and the signal that its handler is given: aborted when the time is over, or along with the call's
 * own. The clock can be stopped while the handler waits for something that is not its own work. The signal and the error are made when
 * they are asked for: they cost many times what a light step does, and most handlers look at neither.
 */
export class TimeLimit {
  private readonly _timeoutMs: number
  private readonly _taskName: string
  private readonly _callSignal: AbortSignal
  private readonly _clock: Clock
  private _leftMs: number
  /** When the clock was started last; `undefined` while it stands. */
  private _startedAt: number | undefined
  private _stopTimer: (() => void) | undefined
  private _pauses = 0
  private _over = false
  private _ended = false
  private _controller: AbortController | undefined
  private _unwatch: (() => void) | undefined
  private _error: TracksError | undefined
  private _onOver: (() => void) | undefined

  constructor(timeoutMs: number, taskName: string, signal: AbortSignal, clock: Clock = processClock) {
    this._timeoutMs = timeoutMs
    this._taskName = taskName
    this._callSignal = signal
    this._clock = clock
    this._leftMs = timeoutMs
    this._start()
  }

  get signal(): AbortSignal {
    return (this._controller ??= this._makeController()).signal
  }

  /** What the attempt has failed with if its time is over: also where the process was too busy for the timer to tell. */
  get error(): TracksError | undefined {
    const ranMs = this._startedAt === undefined ? 0 : this._clock.now() - this._startedAt
    return this._over || ranMs > this._leftMs ? this._timedOut() : undefined
  }

  /** Calls it when the time is over; at once where it is. */
  whenOver(onOver: () => void): void {
    this._onOver = onOver
    if (this._over) onOver()
  }

  /** Stops the clock. Every pause needs a `resume`. */
  pause(): void {
    if (this._pauses++ > 0 || this._startedAt === undefined || this.error) return
    this._leftMs -= this._clock.now() - this._startedAt
    this._stop()
  }

  resume(): void {
    if (--this._pauses === 0 && this._startedAt === undefined) this._start()
  }

  /** To be called when the attempt has ended. */
  end(): void {
    this._stop()
    this._pauses = Number.POSITIVE_INFINITY // a handler that was left behind may resume it
    this._ended = true
    this._unwatch?.()
  }

  private _makeController(): AbortController {
    const controller = new AbortController()
    forManyListeners(controller.signal)
    if (this._over) controller.abort(this._timedOut())
    else if (!this._ended) this._unwatch = watchAbort(this._callSignal, () => controller.abort(this._callSignal.reason))
    else if (this._callSignal.aborted) controller.abort(this._callSignal.reason)
    return controller
  }

  private _timedOut(): TracksError {
    return (this._error ??= new TimedOutError(`${this._taskName} did not end within ${this._timeoutMs} ms (timeoutMs)`))
  }

  private _start(): void {
    this._startedAt = this._clock.now()
    this._stopTimer = this._clock.startTimer(this._leftMs, () => {
      this._over = true
      this._controller?.abort(this._timedOut())
      this._onOver?.()
    })
  }

  private _stop(): void {
    this._stopTimer?.()
    this._startedAt = undefined
  }
}
