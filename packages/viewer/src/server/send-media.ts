import { open, realpath } from 'node:fs/promises'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { pipeline } from 'node:stream/promises'
import type { MediaFile } from '../source/run-source.ts'
import { mediaRefused } from '../source/viewer-error.ts'
import { pageHeaders } from './guard.ts'

/** Sends a file, or the part of it that a player asks for (RFC 9110, one range). Opened by itself, it is shown without any rights. */
export async function sendMedia(request: IncomingMessage, response: ServerResponse, { path, contentType }: MediaFile): Promise<void> {
  const file = await open(path, 'r').catch(() => {
    throw mediaRefused('it is gone')
  })
  try {
    // A link that was put in its place since it was looked at would lead elsewhere.
    if ((await realpath(path)) !== path) throw mediaRefused('it was changed meanwhile')
    const { size } = await file.stat()
    const range = rangeOf(request.headers.range, size)
    const headers = { ...pageHeaders, 'content-security-policy': "default-src 'none'; sandbox", 'content-type': contentType, 'accept-ranges': 'bytes' }
    if (range === 'none') return void response.writeHead(416, { ...headers, 'content-range': `bytes */${size}` }).end()
    const [start, end] = range ?? [0, size - 1]
    response.writeHead(range ? 206 : 200, { ...headers, 'content-length': end - start + 1, ...(range && { 'content-range': `bytes ${start}-${end}/${size}` }) })
    if (request.method === 'HEAD' || end < start) return void response.end()
    // A player that has enough hangs up: that is no error.
    await pipeline(file.createReadStream({ start, end, autoClose: false }), response).catch(() => response.destroy())
  } finally {
    await file.close()
  }
}

/** The first and the last byte; `none` where there are no such bytes; nothing where the whole is asked for, or something that is no single range. */
function rangeOf(header: string | undefined, size: number): readonly [number, number] | 'none' | undefined {
  const [, first, last] = /^bytes=(\d*)-(\d*)$/.exec(header ?? '') ?? []
  if (first === undefined || (first === '' && last === '')) return undefined
  if (first === '') return Number(last) === 0 || size === 0 ? 'none' : [Math.max(0, size - Number(last)), size - 1]
  const end = last === '' ? size - 1 : Math.min(Number(last), size - 1)
  return Number(first) >= size || end < Number(first) ? 'none' : [Number(first), end]
}
