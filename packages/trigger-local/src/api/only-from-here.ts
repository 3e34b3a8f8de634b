import { createMiddleware } from 'hono/factory'
import { RequestError } from '../engine/request-error.ts'

const loopbackNames: ReadonlySet<string> = new Set(['127.0.0.1', 'localhost', '[::1]'])

/** Whether the server is reached from this machine only. */
export function isLoopback(host: string): boolean {
  return loopbackNames.has(host) || host === '::1'
}

/**
 * Why a request is not this machine's own, if it is not. A web page elsewhere can make a browser send requests to 127.0.0.1: its
 * `Origin` tells it; and where it has turned its own name to 127.0.0.1 (DNS rebinding), the `Host` does.
 */
export function whyForeign(headers: { readonly host: string | undefined; readonly origin: string | undefined }): string | undefined {
  const { host = '', origin } = headers
  if (!loopbackNames.has(host.replace(/:\d+$/, ''))) return `This server answers as 127.0.0.1 and localhost only, not as ${JSON.stringify(host)}`
  if (origin !== undefined && origin !== `http://${host}`) return `Pages of ${JSON.stringify(origin)} may not call this server`
  return undefined
}

/** Turns such requests away. */
export const onlyFromHere = createMiddleware(async (context, next) => {
  const why = whyForeign({ host: context.req.header('host'), origin: context.req.header('origin') })
  if (why !== undefined) throw new RequestError(why, 403)
  await next()
})
