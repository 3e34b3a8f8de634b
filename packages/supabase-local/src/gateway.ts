import { createServer, request, type IncomingHttpHeaders, type Server } from 'node:http'
import { once } from 'node:events'
import type { AddressInfo } from 'node:net'

export interface GatewayOptions {
  /** The socket that PostgREST listens on. */
  readonly socketPath: string
  /** The keys it lets in, as the header `apikey`, each with the token that it stands for. */
  readonly keys: ReadonlyMap<string, string>
}

/** What stands in front of PostgREST: checks `apikey`, takes `/rest/v1` off the path, and hands the rest on. On 127.0.0.1, on a free port. */
export async function startGateway({ socketPath, keys }: GatewayOptions): Promise<{ url: string; stop(): Promise<void> }> {
  const server = createServer((incoming, answer) => {
    const refuse = (status: number, message: string) => {
      incoming.resume()
      // Readable for pages of any origin, as the hosted one's are: otherwise a browser tells them nothing of it.
      if (!answer.headersSent) answer.writeHead(status, { 'content-type': 'application/json', 'access-control-allow-origin': '*' })
      answer.end(JSON.stringify({ message }))
    }
    const { url = '/', method, headers } = incoming
    if (!url.startsWith('/rest/v1')) return refuse(404, `No such service here: ${url.split('?')[0]}`)
    // A browser asks first, without a key, whether a page may ask. PostgREST answers that.
    const isPreflight = method === 'OPTIONS'
    if (headers['apikey'] === undefined && !isPreflight) return refuse(401, 'No API key found in request')
    const authorization = isPreflight ? undefined : authorize(headers, keys)
    if (authorization === undefined && !isPreflight) return refuse(401, 'Invalid API key')

    const path = url.slice('/rest/v1'.length)
    const outgoing = request({ socketPath, method, headers: { ...headers, ...(authorization !== undefined && { authorization }) }, path: path.startsWith('/') ? path : `/${path}` }, (reply) => {
      answer.writeHead(reply.statusCode ?? 502, reply.headers)
      reply.pipe(answer)
    })
    outgoing.on('error', () => refuse(503, 'The REST service is not reachable'))
    answer.on('close', () => outgoing.destroy())
    incoming.pipe(outgoing)
  })
  // As long as the hosted one: with Node's five seconds a client may use a connection just as it is closed.
  server.keepAliveTimeout = 75_000
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, stop: () => stopServer(server) }
}

/**
 * The header that PostgREST gets; `undefined` where the key is none of the project's. A user's token goes on as it is; without one the key speaks.
 * As there: keys that begin with `sb_` are no tokens. They count in `apikey` only; in `Authorization` they may stand beside it, since supabase-js repeats them.
 */
function authorize({ apikey, authorization }: IncomingHttpHeaders, keys: GatewayOptions['keys']): string | undefined {
  const token = keys.get(String(apikey))
  if (token === undefined) return undefined
  const bearer = /^Bearer (sb_.*)$/i.exec(authorization ?? '')?.[1]
  if (bearer !== undefined && bearer !== apikey) return undefined
  return authorization === undefined || bearer !== undefined ? `Bearer ${token}` : authorization
}

async function stopServer(server: Server): Promise<void> {
  const closed = once(server, 'close')
  server.close()
  server.closeAllConnections()
  await closed
}
