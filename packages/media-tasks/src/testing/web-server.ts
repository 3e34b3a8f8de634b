import { once } from 'node:events'
import { createServer, type IncomingMessage, type RequestListener, type ServerResponse } from 'node:http'
import { createServer as createSecureServer } from 'node:https'
import type { AddressInfo } from 'node:net'
import type { Certificate } from './self-signed.ts'

/** A web server on the loopback, which remembers what it was asked. */
export interface WebServer {
  readonly port: number
  /** Every request, by method and path. */
  readonly requests: string[]
  readonly close: () => Promise<void>
}

export type Answer = (request: IncomingMessage, response: ServerResponse) => void | Promise<void>

/** Listens on a free port of 127.0.0.1, with TLS where a certificate is given. */
export async function startWebServer(answer: Answer, certificate?: Certificate): Promise<WebServer> {
  const requests: string[] = []
  const listener: RequestListener = (request, response) => {
    requests.push(`${request.method} ${request.url}`)
    response.on('error', () => {})
    void answer(request, response)
  }
  const server = certificate ? createSecureServer(certificate, listener) : createServer(listener)
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return {
    port: (server.address() as AddressInfo).port,
    requests,
    async close() {
      server.close()
      server.closeAllConnections()
      await once(server, 'close')
    },
  }
}
