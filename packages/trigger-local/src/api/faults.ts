import { createMiddleware } from 'hono/factory'
import type { HttpBindings } from '@hono/node-server'

/** What goes wrong with some requests. */
export interface Fault {
  /** `POST`, say. Default: any. */
  readonly method?: string
  /** What the path must match. */
  readonly path: RegExp
  /**
   * `lost`: the request is served, but the connection breaks before the answer. `refused`: it breaks before the request is served.
   * A number: the answer is that HTTP status, and the request is not served.
   */
  readonly kind: 'lost' | 'refused' | 429 | 500 | 502 | 503
  /** How many requests it happens to. Default: 1. */
  readonly times?: number
  /** Seconds, with a status. */
  readonly retryAfter?: number
}

/** Lets the faults happen that the list holds; those that have happened as often as they should are taken out of it. */
export function injectFaults(faults: Fault[]) {
  return createMiddleware<{ Bindings: HttpBindings }>(async (context, next) => {
    // Not to what this server has beside the real one's: tests take faults out again through it.
    if (context.req.path.startsWith('/local/')) return next()
    const place = faults.findIndex(({ method, path }) => (method === undefined || method === context.req.method) && path.test(context.req.path))
    const fault = faults[place]
    if (!fault) return next()
    const { kind, times = 1, retryAfter } = fault
    faults.splice(place, 1, ...(times > 1 ? [{ ...fault, times: times - 1 }] : []))
    if (typeof kind === 'number') return context.json({ error: 'A fault that was asked for' }, kind, retryAfter === undefined ? {} : { 'retry-after': String(retryAfter) })
    if (kind === 'lost') await next()
    context.env.incoming.socket.destroy()
    return context.body(null, 500)
  })
}
