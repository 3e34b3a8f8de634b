import { TracksError, type TaskHandler } from '@track-orchestrator/registry'
import type { TaskCall } from '../engine/engine.ts'
import { neverAborted } from '../run/walk.ts'
import { cancelled } from '../run/thrown.ts'
import { watchAbort } from './abort-watch.ts'
import { leftBehindByPlan } from './schedule-tracks.ts'
import type { CallContext } from './task-context.ts'

/**
 * Calls the handler once, under the call's signal and its time limit. Rejects with what the handler throws, with `cancelled`
 * or with `timed_out`. A handler that goes on regardless is left behind `graceMs` after its signal was aborted.
 * Calls that nobody can stop, or whose plan looks after that, do not pay for it.
 */
export function callHandler(call: TaskCall, handler: TaskHandler, context: CallContext, limit: AbortController | undefined, graceMs: number): unknown {
  if (!limit && (call.signal === neverAborted || leftBehindByPlan.has(call.signal))) return handler(call.input, context)
  return withinLimits(call, handler, context, limit, graceMs)
}

async function withinLimits(call: TaskCall, handler: TaskHandler, context: CallContext, limit: AbortController | undefined, graceMs: number): Promise<unknown> {
  const { signal, timeoutMs, contract } = call
  const timeout = limit && setTimeout(() => limit.abort(timedOut(contract.name, timeoutMs!)), timeoutMs)
  const unwatchCall = limit && watchAbort(signal, () => limit.abort(signal.reason))
  const why = () => (signal.aborted ? cancelled(contract.name, signal) : (context.signal.reason as TracksError))
  let unwatch: (() => void) | undefined
  let grace: NodeJS.Timeout | undefined
  try {
    return await new Promise<unknown>((resolve, reject) => {
      unwatch = watchAbort(context.signal, () => (grace = setTimeout(() => reject(why()), graceMs)))
      const made: unknown = handler(call.input, context)
      if (made instanceof Promise) made.then(resolve, reject)
      else resolve(made)
    })
  } catch (thrown) {
    throw context.signal.aborted ? why() : thrown
  } finally {
    if (timeout) clearTimeout(timeout)
    if (grace) clearTimeout(grace)
    unwatch?.()
    unwatchCall?.()
  }
}

function timedOut(taskName: string, timeoutMs: number): TracksError {
  return new TracksError(`${taskName} did not end within ${timeoutMs} ms (timeoutMs)`, { code: 'timed_out', retryable: true })
}
