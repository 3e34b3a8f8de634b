import { timingSafeEqual } from 'node:crypto'
import type { IncomingMessage } from 'node:http'

/** Why a request is not answered, and the path behind the token where it is. */
export type Guarded = { readonly path: string; readonly query: URLSearchParams } | { readonly status: 400 | 403 | 404 | 405; readonly why: string }

/**
 * Lets through only what the page itself, or the person who was given its address, asks for:
 * - `Host` must be this server by its own address. A name that a stranger's DNS points here (rebinding) is another host.
 * - `Origin`, and what the browser says of where a request comes from, must be this page's, where they are sent.
 * - The path begins with the token.
 * - An act needs an `Origin` and JSON: no form of another page can send that.
 */
export function guard(request: IncomingMessage, port: number, token: string): Guarded {
  const { host, origin, 'sec-fetch-site': site, 'content-type': contentType } = request.headers
  const hosts = [`127.0.0.1:${port}`, `localhost:${port}`]
  if (host === undefined || !hosts.includes(host)) return { status: 403, why: 'This server answers to its own address only.' }
  if (origin !== undefined && origin !== `http://${host}`) return { status: 403, why: 'Another page asked.' }
  if (site !== undefined && site !== 'same-origin' && site !== 'none') return { status: 403, why: 'Another page asked.' }
  const target = request.url ?? ''
  const [, given, rest] = /^\/([^/?]*)(\/[^?]*)?(?:\?.*)?$/.exec(target) ?? []
  if (given === undefined || !isSame(given, token)) return { status: 403, why: 'The address needs its token: open the one that tracks view printed.' }
  if (rest === undefined) return { status: 404, why: 'There is nothing here.' }
  const { method } = request
  if (method !== 'GET' && method !== 'HEAD' && method !== 'POST') return { status: 405, why: 'GET or POST.' }
  if (method === 'POST' && (origin === undefined || !/^application\/json\b/.test(contentType ?? ''))) return { status: 403, why: 'Another page asked.' }
  const mark = target.indexOf('?')
  return { path: rest, query: new URLSearchParams(mark < 0 ? '' : target.slice(mark)) }
}

function isSame(given: string, token: string): boolean {
  const [a, b] = [Buffer.from(given), Buffer.from(token)]
  return a.length === b.length && timingSafeEqual(a, b)
}

/** For every answer. Nothing is fetched from elsewhere, no text becomes a program, and no other page holds this one. */
export const pageHeaders: Readonly<Record<string, string>> = {
  'content-security-policy':
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; media-src 'self'; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'; require-trusted-types-for 'script'; trusted-types 'none'",
  'cross-origin-opener-policy': 'same-origin',
  'cross-origin-resource-policy': 'same-origin',
  'referrer-policy': 'no-referrer',
  'x-content-type-options': 'nosniff',
  'cache-control': 'no-store',
}
