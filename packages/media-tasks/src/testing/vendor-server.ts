import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { setTimeout as wait } from 'node:timers/promises'

/** One request that came in. */
export interface VendorCall {
  readonly method: string
  readonly path: string
  /** In the order of the URL; a name may stand there several times. */
  readonly query: readonly (readonly [name: string, value: string])[]
  /** Names in lower case. */
  readonly headers: Readonly<Record<string, string | undefined>>
  readonly body: Buffer
  /** The body as JSON; nothing where it is none. */
  readonly json: unknown
}

/** What goes wrong with a call. */
export type VendorFault =
  | { readonly kind: 'refused'; readonly status: number; readonly headers?: Readonly<Record<string, string>>; readonly body?: unknown }
  | { readonly kind: 'reset' } // the connection is cut before an answer
  | { readonly kind: 'truncated' } // and in the middle of one
  | { readonly kind: 'stalled' } // the answer begins, and never ends
  | { readonly kind: 'silent' } // nor does it begin
  | { readonly kind: 'garbage' } // status 200, and a web page
  | { readonly kind: 'answered'; readonly contentType: string; readonly body: Buffer } // status 200, and whatever is given

export interface VendorServerOptions {
  /** How long it thinks about each call. Default 0. */
  readonly delayMs?: number | undefined
  /** It answers no call before this has resolved. Default: it need not. */
  readonly until?: Promise<unknown> | undefined
  /** Asked for each call, by how many came before it. Default: all goes well. */
  readonly fault?: ((call: VendorCall, place: number) => VendorFault | undefined) | undefined
}

export interface VendorServer {
  /** `http://127.0.0.1:<port>`: the vendor's `baseUrl`. */
  readonly url: string
  /** In the order in which they came in. */
  readonly calls: readonly VendorCall[]
  /** Most calls that were under way at once. */
  readonly mostAtOnce: () => number
  /** Calls that are not answered to the end, and not given up. */
  readonly underWay: () => number
  close(): Promise<void>
}

export interface VendorAnswer {
  readonly status: number
  readonly headers: Readonly<Record<string, string>>
  readonly body: Buffer
}

/** A server on this machine alone that answers as a vendor would, or goes wrong when told. */
export async function startVendorServer(answer: (call: VendorCall) => Promise<VendorAnswer> | VendorAnswer, { fault, delayMs = 0, until }: VendorServerOptions): Promise<VendorServer> {
  const calls: VendorCall[] = []
  let atOnce = 0
  let most = 0
  const serve = async (request: IncomingMessage, response: ServerResponse) => {
    const call = await readCall(request)
    const wrong = fault?.(call, calls.length)
    calls.push(call)
    if (delayMs > 0) await wait(delayMs)
    await until
    if (wrong?.kind === 'silent') return
    if (wrong?.kind === 'reset') return void request.socket.destroy()
    if (wrong?.kind === 'refused') return reply(response, { status: wrong.status, headers: { 'content-type': 'application/json', ...wrong.headers }, body: Buffer.from(JSON.stringify(wrong.body ?? {})) })
    if (wrong?.kind === 'garbage') return reply(response, { status: 200, headers: { 'content-type': 'text/html' }, body: Buffer.from('<html><body>It works!</body></html>') })
    if (wrong?.kind === 'answered') return reply(response, { status: 200, headers: { 'content-type': wrong.contentType }, body: wrong.body })
    const right = await answer(call)
    if (!wrong) return reply(response, right)
    response.writeHead(right.status, { ...right.headers, 'content-length': right.body.length })
    response.write(right.body.subarray(0, Math.ceil(right.body.length / 2)), () => {
      if (wrong.kind === 'truncated') request.socket.destroy()
    })
  }
  const server = createServer((request, response) => {
    most = Math.max(most, ++atOnce)
    response.once('close', () => atOnce--)
    serve(request, response).catch(() => response.destroy())
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    calls,
    mostAtOnce: () => most,
    underWay: () => atOnce,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
}

function reply(response: ServerResponse, { status, headers, body }: VendorAnswer): void {
  response.writeHead(status, { ...headers, 'content-length': body.length }).end(body)
}

async function readCall(request: IncomingMessage): Promise<VendorCall> {
  const chunks: Buffer[] = []
  for await (const chunk of request) chunks.push(chunk as Buffer)
  const body = Buffer.concat(chunks)
  const url = new URL(request.url ?? '/', 'http://localhost')
  return { method: request.method ?? '', path: url.pathname, query: [...url.searchParams], headers: request.headers as VendorCall['headers'], body, json: parseJson(body) }
}

function parseJson(body: Buffer): unknown {
  try {
    return JSON.parse(body.toString('utf8'))
  } catch {
    return undefined
  }
}
