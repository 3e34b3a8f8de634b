import type { ServerResponse } from 'node:http'
import { gzipSync } from 'node:zlib'
import type { Answer } from './web-server.ts'

// What a server says that means harm, or is broken.

/** What the hostile name server says: the same host may have another address the next time. */
export const hostileNames: Record<string, readonly (readonly string[])[]> = {
  'hostile.test': [['127.0.0.1']],
  'localhost': [['127.0.0.1']],
  'private.test': [['10.0.0.7']],
  'metadata.google.internal': [['169.254.169.254']],
  'mixed.test': [['127.0.0.1', '192.168.0.1']],
  'mapped.test': [['::ffff:127.0.0.1']],
  'zone.test': [['fe80::1%lo']],
  'garbage.test': [['not an address']],
  '127.0.0.1.nip.test': [['127.0.0.1']],
  'rebind.test': [['127.0.0.1'], ['10.0.0.1']],
  'rebind-to-loopback.test': [['127.0.0.1'], ['::1']],
}
/** Says something that is no answer of Node's. */
const raw =
  (...lines: (string | Buffer)[]): Answer =>
  ({ socket }) => {
    for (const line of lines) socket.write(line)
    socket.end()
  }
/** Says it again and again, until the other side has had enough. */
const forEver = (everyMs: number, say: (response: ServerResponse) => void, begin?: (response: ServerResponse) => void): Answer => (_, response) => {
  begin?.(response)
  const timer = setInterval(() => say(response), everyMs)
  response.socket?.on('error', () => {}).on('close', () => clearInterval(timer))
}
const webm = { 'content-type': 'video/webm' }
/** Its pages. `good`: a video. `privatePort`: of a server that is not to be reached. */
export const hostilePages = (good: Buffer, privatePort: number): Record<string, Answer> => ({
  '/good': (_, response) => void response.end(good),
  '/loop': (_, response) => void response.writeHead(302, { location: '/loop' }).end(),
  '/endless-loop': (request, response) => void response.writeHead(302, { location: `/endless-loop?${Number(request.url?.split('?')[1] ?? 0) + 1}` }).end(),
  '/rebind': (_, response) => void response.writeHead(307, { location: '/good' }).end(),
  '/length-too-long': (_, response) => void response.writeHead(200, { ...webm, 'content-length': good.length + 1_000 }).write(good, () => response.destroy()),
  '/length-huge': (_, response) => void response.writeHead(200, { ...webm, 'content-length': 4_000_001 }).write(good),
  '/length-too-short': raw(`HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n`, good),
  '/length-negative': raw('HTTP/1.1 200 OK\r\nContent-Length: -1\r\n\r\n', good),
  '/length-twice': raw(`HTTP/1.1 200 OK\r\nContent-Length: 5\r\nContent-Length: ${good.length}\r\n\r\n`, good),
  '/length-and-chunks': raw(`HTTP/1.1 200 OK\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n`),
  '/chunks-cut': raw(`HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n${(100).toString(16)}\r\n`, good.subarray(0, 100), '\r\n'),
  '/chunks-broken': raw('HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n', good),
  '/endless': forEver(1, (response) => response.write(Buffer.alloc(100_000)), (response) => response.writeHead(200, webm)),
  '/endless-old': forEver(1, ({ socket }) => socket?.write(Buffer.alloc(100_000)), ({ socket }) => socket?.write('HTTP/1.0 200 OK\r\n\r\n')),
  '/drip': forEver(50, (response) => response.write('x'), (response) => response.writeHead(200, { ...webm, 'content-length': 1_000_000 })),
  '/header-drip': forEver(50, ({ socket }) => socket?.write('x'), ({ socket }) => socket?.write('HTTP/1.1 200 OK\r\nX-Drip: ')),
  '/header-endless': forEver(1, ({ socket }) => socket?.write(`X-${Math.random()}: ${'x'.repeat(2_000)}\r\n`), ({ socket }) => socket?.write('HTTP/1.1 200 OK\r\n')),
  '/continue-endless': forEver(1, ({ socket }) => socket?.write('HTTP/1.1 103 Early Hints\r\n\r\n')),
  '/silent': () => {},
  '/hang-up': ({ socket }) => void socket.destroy(),
  '/no-http': raw('PLANTED nonsense\r\n\r\n'),
  '/upgrade': raw('HTTP/1.1 101 Switching Protocols\r\nUpgrade: h2c\r\nConnection: Upgrade\r\n\r\n', good),
  '/partial': (_, response) => void response.writeHead(206, { ...webm, 'content-range': 'bytes 0-9/1000' }).end(good.subarray(0, 10)),
  '/gzip': (_, response) => void response.writeHead(200, { ...webm, 'content-encoding': 'gzip' }).end(gzipSync(Buffer.alloc(50_000_000))),
  '/brotli': (_, response) => void response.writeHead(200, { ...webm, 'content-encoding': 'br' }).end(good),
  '/nothing': (_, response) => void response.writeHead(200, webm).end(),
  '/hls': (_, response) => void response.end(`#EXTM3U\n#EXTINF:1,\nhttp://127.0.0.1:${privatePort}/a.ts\n`),
})

/** The address of this machine, `privatePort` at it, written in every way that somebody may read as another; some name the hostile server besides. */
export const loopbackHosts = (privatePort: number, hostilePort: number): readonly (readonly [how: string, host: string])[] => [
  ['plain', `127.0.0.1:${privatePort}`],
  ['with a dot at the end', `127.0.0.1.:${privatePort}`],
  ['as one number', `2130706433:${privatePort}`],
  ['in octal', `0177.0.0.01:${privatePort}`],
  ['as one octal number', `017700000001:${privatePort}`],
  ['in hexadecimal', `0x7f.0x0.0x0.0x1:${privatePort}`],
  ['as one hexadecimal number', `0x7f000001:${privatePort}`],
  ['short', `127.1:${privatePort}`],
  ['mixed and short', `0x7f.1:${privatePort}`],
  ['another of the network', `127.99.3.2:${privatePort}`],
  ['of nobody', `0.0.0.0:${privatePort}`],
  ['as nought', `0:${privatePort}`],
  ['in fullwidth digits', `１２７.０.０.１:${privatePort}`],
  ['in circled digits', `①②⑦.⓪.⓪.①:${privatePort}`],
  ['with ideographic full stops', `127。0。0。1:${privatePort}`],
  ['percent-encoded', `%31%32%37.0.0.1:${privatePort}`],
  ['in IPv6', `[::1]:${privatePort}`],
  ['in IPv6, of nobody', `[::]:${privatePort}`],
  ['mapped into IPv6', `[::ffff:127.0.0.1]:${privatePort}`],
  ['mapped into IPv6, in hexadecimal', `[::ffff:7f00:1]:${privatePort}`],
  ['mapped into IPv6, in full', `[0:0:0:0:0:FFFF:7F00:0001]:${privatePort}`],
  ['packed into NAT64', `[64:ff9b::127.0.0.1]:${privatePort}`],
  ['packed into 6to4', `[2002:7f00:1::]:${privatePort}`],
  ['packed into Teredo', `[2001:0:4136:e378:8000:63bf:80ff:fffe]:${privatePort}`],
  ['by the name localhost', `localhost:${privatePort}`],
  ['by a name in capitals', `LOCALHOST:${privatePort}`],
  ['by a name with a dot at the end', `localhost.:${privatePort}`],
  ['by a name in circled letters', `ⓛⓞⓒⓐⓛⓗⓞⓢⓣ:${privatePort}`],
  ['by a name that ends elsewhere', `127.0.0.1.nip.test:${privatePort}`],
  ['by a name with a mapped address', `mapped.test:${privatePort}`],
  ['behind a user name', `hostile.test:${hostilePort}@127.0.0.1:${privatePort}`],
  ['before a fragment', `127.0.0.1:${privatePort}#@hostile.test:${hostilePort}`],
  ['before a backslash', `127.0.0.1:${privatePort}\\@hostile.test:${hostilePort}`],
  ['behind a backslash', `hostile.test:${hostilePort}\\@127.0.0.1:${privatePort}`],
  ['with a tab inside', `127.0\t.0.1:${privatePort}`],
  ['with a line break inside', `127.0.0.1\n:${privatePort}`],
]
