import { channel } from 'node:diagnostics_channel'

/** Asked at their intervals whether there is work or not, or by the bench itself: they say nothing of what was run. */
const byTheClock = /\/dequeue|\/presence|\/heartbeat|\/api\/v3\/runs\//

/** Counts the requests that servers of this process are sent, the worker's, the tasks' and those of their telemetry alike. */
export function countRequests(): { readonly counted: () => number; readonly stop: () => unknown } {
  const started = channel('http.server.request.start')
  let count = 0
  const onRequest = (message: unknown) => {
    if (!byTheClock.test((message as { request: { url: string } }).request.url)) count++
  }
  started.subscribe(onRequest)
  return { counted: () => count, stop: () => started.unsubscribe(onRequest) }
}
