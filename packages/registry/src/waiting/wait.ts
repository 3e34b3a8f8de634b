import { watchAbort } from './watch-abort.ts'

/** The longest wait of a timer, in milliseconds (about 24.8 days): Node fires anything longer after 1 ms. */
export const longestTimerMs = 2_147_483_647

export interface TimerOptions {
  /** Whether the process stays alive for it. Default true. */
  readonly keepsProcess?: boolean
}

/** Calls `run` after so many milliseconds, also after more than a timer of Node can count. Returns what calls it off. */
export function startTimer(ms: number, run: () => void, { keepsProcess = true }: TimerOptions = {}): () => void {
  let timer: NodeJS.Timeout
  if (ms <= longestTimerMs && keepsProcess) {
    timer = setTimeout(run, ms > 0 ? ms : 0)
    return () => clearTimeout(timer)
  }
  const startFor = (leftMs: number) => {
    timer = leftMs > longestTimerMs ? setTimeout(() => startFor(leftMs - longestTimerMs), longestTimerMs) : setTimeout(run, Math.max(0, leftMs))
    if (!keepsProcess) timer.unref()
  }
  startFor(ms)
  return () => clearTimeout(timer)
}

/**
 * Waits so many milliseconds, or until one of the signals is aborted. Answers whether the whole time passed; never rejects, so that the
 * caller says what an aborted wait means: `if (!(await wait(ms, signal))) throw …`. Any number may wait for one signal.
 */
export function wait(ms: number, signals?: AbortSignal | readonly (AbortSignal | undefined)[], options?: TimerOptions): Promise<boolean> {
  return new Promise((resolve) => {
    const unwatch: (() => void)[] = []
    let ended = false
    const end = (passed: boolean) => {
      ended = true
      stopTimer()
      for (const stop of unwatch) stop()
      resolve(passed)
    }
    const stopTimer = startTimer(ms, () => end(true), options)
    const listed = Array.isArray(signals) ? (signals as readonly (AbortSignal | undefined)[]) : [signals as AbortSignal | undefined]
    for (const signal of listed) {
      if (signal && !ended) unwatch.push(watchAbort(signal, () => end(false)))
    }
  })
}

/** What the promise gives, or the signal's reason, thrown, as soon as it is aborted. The promise itself goes on; should it reject then, nobody is told. */
export function unlessAborted<Value>(promise: Promise<Value>, signal: AbortSignal): Promise<Value> {
  return new Promise((resolve, reject) => {
    const unwatch = watchAbort(signal, () => reject(signal.reason as Error))
    promise.then(resolve, reject).finally(unwatch)
  })
}

/** Whether the promise settles, one way or the other, within so many milliseconds. Never rejects. */
export function settlesWithin(promise: Promise<unknown>, ms: number, options?: TimerOptions): Promise<boolean> {
  return new Promise((resolve) => {
    const stopTimer = startTimer(ms, () => resolve(false), options)
    const settled = () => {
      stopTimer()
      resolve(true)
    }
    promise.then(settled, settled)
  })
}
