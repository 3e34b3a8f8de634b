import { TimedOutError, type TaskHandler, type TracksError } from '@track-orchestrator/registry'
import { watchAbort } from '@track-orchestrator/registry/waiting'
import type { TaskCall } from './engine.ts'
import { cancelled } from '../run/thrown.ts'
import type { CallContext } from './call-context.ts'

/**
 * Calls the handler once, under the call's signal and, with `limit`, its time limit. Rejects with what the handler throws, with
 * `cancelled` or with `timed_out`. A handler that goes on regardless is left behind `graceMs` after its signal was aborted.
 * `context.signal` is that of `limit`, if there is one, else the call's.
 */
export async function callHandler(call: TaskCall, handler: TaskHandler, context: CallContext, limit: AbortController | undefined, graceMs: number): Promise<unknown> {
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
  return new TimedOutError(`${taskName} did not end within ${timeoutMs} ms (timeoutMs)`)
}
