import { createServer, request as forward, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'

/** What goes wrong with one request. Without a fault it is passed on, and answered, as it is. */
export type Fault =
  /** The connection breaks before an answer; with `afterActing`, when the server behind has done what was asked. */
  | { readonly kind: 'reset'; readonly afterActing?: boolean }
  /** Somebody on the way answers. */
  | { readonly kind: 'answer'; readonly status: number; readonly headers?: Readonly<Record<string, string>>; readonly body?: string }
  /** The connection breaks, or stands still, after so many bytes of the answer's body. */
  | { readonly kind: 'cut' | 'stall'; readonly afterBytes: number }
  /** The server's own answer with another status, headers (`undefined`: without) or body. */
  | { readonly kind: 'altered'; readonly status?: number; readonly headers?: Readonly<Record<string, string | undefined>>; readonly body?: string }
  /** An answer whose body goes on for ever, a piece each so many milliseconds. */
  | { readonly kind: 'endless'; readonly status: number; readonly piece: string; readonly everyMs: number; readonly headers?: Readonly<Record<string, string>> }

export interface SeenRequest {
  readonly method: string
  /** Path and query. */
  readonly path: string
  readonly headers: Readonly<Record<string, string | string[] | undefined>>
}

export interface FaultProxy {
  /** The endpoint as it is reached through here. */
  readonly endpoint: string
  /** Everything that came in, in order. */
  readonly seen: SeenRequest[]
  /** Asked for each request. Set it anew in each test. */
  fault: (request: SeenRequest) => Fault | undefined | Promise<Fault | undefined>
  close(): Promise<void>
}

/** A server on loopback that passes requests on to another, and fails where it is told to. Signatures stay right: the host is handed on. */
export async function startFaultProxy(target: string): Promise<FaultProxy> {
  const { hostname, port, pathname } = new URL(target)
  const server = createServer((incoming, outgoing) => void serve(incoming, outgoing))
  // No faults but those that were asked for: a connection that is used again may just have been closed by the other side.
  server.keepAliveTimeout = 600_000
  const serve = async (incoming: IncomingMessage, outgoing: ServerResponse) => {
    const { method = 'GET', url = '/', headers } = incoming
    const request = { method, path: url, headers }
    proxy.seen.push(request)
    const fault = await proxy.fault(request)
    if (fault?.kind === 'reset' && !fault.afterActing) return incoming.socket.destroy()
    if (fault?.kind === 'answer') return incoming.resume().once('end', () => outgoing.writeHead(fault.status, fault.headers).end(fault.body))
    if (fault?.kind === 'endless') return incoming.resume().once('end', () => goOn(outgoing, fault))
    const passedOn = forward({ hostname, port, method, path: url, headers, agent: false }, (answer) => {
      if (fault?.kind === 'reset') return answer.resume().once('end', () => incoming.socket.destroy())
      if (fault?.kind === 'altered') return alter(answer, outgoing, fault)
      outgoing.writeHead(answer.statusCode ?? 502, answer.headers)
      return fault ? breakOff(answer, outgoing, fault).catch(() => outgoing.destroy()) : answer.pipe(outgoing)
    })
    passedOn.on('error', () => outgoing.destroy())
    outgoing.on('close', () => passedOn.destroy())
    return incoming.pipe(passedOn)
  }
  const proxy: FaultProxy = {
    endpoint: '',
    seen: [],
    fault: () => undefined,
    async close() {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port: ownPort } = server.address() as AddressInfo
  return Object.assign(proxy, { endpoint: `http://127.0.0.1:${ownPort}${pathname}` })
}

async function breakOff(answer: IncomingMessage, outgoing: ServerResponse, fault: { readonly kind: 'cut' | 'stall'; readonly afterBytes: number }): Promise<void> {
  let left = fault.afterBytes
  for await (const chunk of answer as AsyncIterable<Buffer>) {
    const piece = chunk.subarray(0, left)
    left -= piece.length
    if (piece.length > 0) await new Promise((resolve) => outgoing.write(piece, resolve))
    if (left === 0) break
  }
  if (fault.kind === 'cut') outgoing.destroy()
}

function alter(answer: IncomingMessage, outgoing: ServerResponse, { status, headers, body }: Extract<Fault, { kind: 'altered' }>): void {
  const length = body === undefined ? {} : { 'content-length': String(Buffer.byteLength(body)) }
  const changed = Object.entries({ ...answer.headers, ...length, ...headers }).filter(([, value]) => value !== undefined)
  outgoing.writeHead(status ?? answer.statusCode ?? 502, Object.fromEntries(changed) as Record<string, string>)
  if (body === undefined) answer.pipe(outgoing)
  else answer.resume().once('end', () => outgoing.end(body))
}

function goOn(outgoing: ServerResponse, { status, headers, piece, everyMs }: Extract<Fault, { kind: 'endless' }>): void {
  outgoing.writeHead(status, headers)
  const timer = setInterval(() => outgoing.write(piece), everyMs)
  outgoing.once('close', () => clearInterval(timer))
}
