import { once } from 'node:events'
import { mkdtemp, mkdir, readFile, rm, symlink, writeFile } from 'node:fs/promises'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseInput, type TracksError } from '@track-orchestrator/registry'
import { mediaProbe, videoStripAudios } from '@track-orchestrator/registry/media'
import { createTestContext } from '@track-orchestrator/registry/testing'
import { afterAll, expect, test } from 'vitest'
import { downloadRules } from '../download/download-rules.ts'
import { defaultLimits } from '../media-limits.ts'
import { hostileNames, hostilePages, loopbackHosts } from '../testing/hostile-pages.ts'
import { makeClip } from '../testing/make-clip.ts'
import { openTestTools } from '../testing/test-tools.ts'
import { startWebServer } from '../testing/web-server.ts'
import { createMediaProbeHandler } from './media-probe.ts'
import { createVideoStripAudiosHandler } from './video-strip-audios.ts'

const secret = 'PLANTED-SECRET-5b0e'
const outside = await mkdtemp(join(tmpdir(), 'hostile-secret-'))
await writeFile(join(outside, 'secret.txt'), secret)
/** A private server that would give a good video to whoever asked. */
const privateServer = await startWebServer((_, response) => void response.end(good))
const hostileServer = await startWebServer((request, response) => {
  const { pathname, searchParams } = new URL(request.url ?? '', 'http://x')
  const to = searchParams.get('to')
  if (to !== null) return void response.writeHead(302, { location: Buffer.from(to).toString('latin1') }).end(secret)
  const page = pages[pathname]
  if (!page) return void response.writeHead(404).end()
  return page(request, response)
})
const P = privateServer.port
const H = hostileServer.port

const asked = new Map<string, number>()
const media = await openTestTools({
  limits: { ...defaultLimits, sizeBytes: 4_000_000 },
  download: downloadRules({
    allowHttp: true,
    mayReach: (address, port) => address === '127.0.0.1' && port === H,
    connectMs: 5_000,
    stallMs: 1_000,
    wholeMs: 5_000,
    maxRedirects: 5,
    resolveHost: (host) => {
      const turn = asked.get(host) ?? 0
      asked.set(host, turn + 1)
      const answers = hostileNames[host.toLowerCase()]
      if (!answers) return Promise.reject(Object.assign(new Error(`getaddrinfo ENOTFOUND ${host}`), { code: 'ENOTFOUND' }))
      return Promise.resolve(answers[turn % answers.length] ?? [])
    },
  }),
})
const { tools } = media
await makeClip(tools.ffmpeg, media.clipPath('good.webm'), { durationSeconds: 1 })
const good = await readFile(media.clipPath('good.webm'))
const pages = hostilePages(good, P)
await symlink(join(outside, 'secret.txt'), media.clipPath('link.webm'))
await mkdir(media.clipPath('folder.webm'))
const listening = createServer().listen(media.clipPath('socket.webm'))
await once(listening, 'listening')
const before = await media.allFiles()

afterAll(async () => {
  listening.close()
  await Promise.all([hostileServer.close(), privateServer.close(), media.close(), rm(outside, { recursive: true })])
})

const strip = async (url: string) => {
  const input = await parseInput(videoStripAudios, { url, tenantId: 't', projectId: 'p' })
  return createVideoStripAudiosHandler(tools)(input, createTestContext({ taskName: 'video_strip_audios' }))
}
const refusal = (work: Promise<unknown>) => work.then(() => expect.fail('it was taken on'), (error: TracksError) => error) // prettier-ignore

const expectRefused = async (url: string, codes: readonly string[]) => {
  const error = await refusal(strip(url))
  expect(codes, error.message).toContain(error.code)
  expect(`${error.message} ${String(error.cause)}`).not.toContain(secret)
  if (url.startsWith('http')) expect(error.message).not.toMatch(/[?&#@]|\/[\w.-]+\/?$|\/a\.webm/)
  expect(privateServer.requests).toEqual([])
  expect(await media.allFiles()).toEqual(before)
  return error
}

test('The hostile server is one that is asked, and gives a video where it means no harm', async () => {
  const probe = createMediaProbeHandler(tools)
  const facts = await probe(await parseInput(mediaProbe, { url: `http://hostile.test:${H}/?to=/good` }), createTestContext())
  expect(facts).toMatchObject({ sizeBytes: good.length })
  expect(hostileServer.requests).toContain('GET /good')
})

const loopback = loopbackHosts(P, H)

test.each(loopback)('The loopback address, %s, is refused', async (_, host) => {
  await expectRefused(`http://${host}/a.webm`, ['media/url_refused'])
})

test.each([
  ['a private network', '10.0.0.1'],
  ['another private network', '172.16.5.4:8080'],
  ['a home network', '192.168.1.1'],
  ['a provider’s network', '100.64.0.1'],
  ['metadata of most clouds', '169.254.169.254'],
  ['metadata, as one number', '2852039166'],
  ['metadata of AWS in IPv6', '[fd00:ec2::254]'],
  ['metadata of Alibaba', '100.100.100.200'],
  ['metadata of Oracle', '192.0.0.192'],
  ['metadata of Azure', '168.63.129.16'],
  ['metadata by name', 'metadata.google.internal'],
  ['a private name', 'private.test'],
  ['a name with a link-local address', 'zone.test'],
  ['a name with nonsense for an address', 'garbage.test'],
  ['a name with a public and a private address', `mixed.test:${H}`],
  ['many hosts at once', '224.0.0.1'],
  ['all hosts', '255.255.255.255'],
  ['a link', '[fe80::1]'],
])('An address of %s is refused', async (_, host) => {
  await expectRefused(`http://${host}/latest/meta-data/`, ['media/url_refused'])
})

const redirects: readonly (readonly [string, string])[] = [
  ...loopback.filter(([, host]) => !/[\t\n]/.test(host)).map(([how, host]) => [`the loopback address, ${how}`, `http://${host}/`] as const),
  ['an address without a scheme', `//127.0.0.1:${P}/`],
  ['an address with too many slashes', `http:////127.0.0.1:${P}/`],
  ['an address with backslashes', `\\\\127.0.0.1:${P}\\`],
  ['a file', `file://${outside}/secret.txt`],
  ['another protocol', `ftp://127.0.0.1:${P}/`],
  ['a gopher', `gopher://127.0.0.1:${P}/_GET`],
  ['data', 'data:video/webm;base64,AAAA'],
  ['a program', 'javascript:alert(1)'],
  ['a user name', `http://a:b@hostile.test:${H}/good`],
  ['itself, for ever', `/loop`],
  ['ever new addresses', `/endless-loop`],
]

test.each(redirects)('A redirect to %s is not followed', async (_, to) => {
  await expectRefused(`http://hostile.test:${H}/?to=${encodeURIComponent(to)}`, ['media/url_refused'])
})

test.each(['rebind.test', 'rebind-to-loopback.test'])('A name that leads here first, and elsewhere the next time, gets nowhere: %s', async (host) => {
  asked.delete(host)
  const requests = hostileServer.requests.length
  await expectRefused(`http://${host}:${H}/rebind`, ['media/url_refused'])
  expect(asked.get(host)).toBe(2)
  expect(hostileServer.requests.slice(requests)).toEqual(['GET /rebind'])
})

const failed = ['media/download_failed']
test.each([
  ['says it is longer than it is', '/length-too-long', failed],
  ['says it is too long', '/length-huge', ['media/too_large']],
  ['says it is shorter than it is', '/length-too-short', ['media/download_failed', 'media/truncated']],
  ['says it is shorter than nothing', '/length-negative', failed],
  ['has two lengths', '/length-twice', failed],
  ['has a length and chunks', '/length-and-chunks', ['media/download_failed', 'media/not_media']],
  ['breaks off between chunks', '/chunks-cut', failed],
  ['has chunks that are none', '/chunks-broken', failed],
  ['never ends', '/endless', ['media/too_large']],
  ['never ends, as of old', '/endless-old', ['media/too_large']],
  ['comes drop by drop', '/drip', failed],
  ['has a header that comes drop by drop', '/header-drip', failed],
  ['has a header without end', '/header-endless', failed],
  ['is always about to come', '/continue-endless', failed],
  ['never comes', '/silent', failed],
  ['hangs up', '/hang-up', failed],
  ['is not HTTP', '/no-http', failed],
  ['goes over to another protocol', '/upgrade', failed],
  ['is only a part', '/partial', failed],
  ['is a gzip bomb', '/gzip', failed],
  ['is compressed otherwise', '/brotli', failed],
  ['is empty', '/nothing', ['media/empty']],
  ['is a playlist of a private server', '/hls', ['media/format_refused']],
  ['is not there', '/not-there', ['media/not_found']],
])('An answer that %s is refused', async (_, path, codes) => {
  await expectRefused(`http://hostile.test:${H}${path}?token=${secret}`, codes)
})

test.each([
  ['ffmpeg’s concat', `concat:${outside}/secret.txt|${outside}/secret.txt`],
  ['ffmpeg’s concat of a server', `concat:http://127.0.0.1:${P}/a|http://127.0.0.1:${P}/b`],
  ['ffmpeg’s subfile', `subfile,,start,0,end,9,,:${outside}/secret.txt`],
  ['ffmpeg’s crypto', `crypto:${outside}/secret.txt`],
  ['ffmpeg’s data', 'data:text/plain;base64,AAAA'],
  ['ffmpeg’s cache', `cache:http://127.0.0.1:${P}/`],
  ['ffmpeg’s async', `async:file:${outside}/secret.txt`],
  ['ffmpeg’s tee', `tee:${outside}/secret.txt`],
  ['ffmpeg’s lavfi', `movie=${outside}/secret.txt`],
  ['ffmpeg’s HLS', `hls+http://127.0.0.1:${P}/a.m3u8`],
  ['the standard input', 'pipe:0'],
  ['a file descriptor', 'fd:0'],
  ['a stream over UDP', `udp://127.0.0.1:${P}`],
  ['a stream over RTSP', `rtsp://127.0.0.1:${P}/a`],
  ['a stream over RTMP', `rtmp://127.0.0.1:${P}/a`],
  ['a socket', 'unix:/var/run/docker.sock'],
  ['FTP', `ftp://127.0.0.1:${P}/a`],
  ['HTTP without slashes', `http:127.0.0.1:${P}/a`],
  ['HTTP with one slash', `http:/127.0.0.1:${P}/a`],
  ['HTTP with backslashes', `http:\\\\127.0.0.1:${P}\\a`],
  ['HTTP behind a space', ` http://127.0.0.1:${P}/a`],
  ['HTTP behind a line break', `\nhttp://127.0.0.1:${P}/a`],
  ['a plain path', `${outside}/secret.txt`],
  ['a relative path', '../secret.txt'],
  ['an option', '-i'],
  ['an option with a name', '-protocol_whitelist'],
  ['a name with a colon', 'a:b.webm'],
  ['a name with a line break', 'a\nfile /etc/passwd'],
  ['a name with NUL', 'a.webm\0.txt'],
  ['somebody else’s bucket', 'r2://somebody-elses/secret.webm'],
  ['a file elsewhere', `file://${outside}/secret.txt`],
  ['a file by a way around', `file://${media.clipPath('')}../../${outside}/secret.txt`],
  ['a file by an encoded way around', `file://${media.clipPath('')}%2e%2e/%2e%2e/secret.txt`],
  ['a file by an encoded slash', `file://${media.clipPath('')}..%2f..%2fsecret.txt`],
  ['a file with NUL', `file://${media.clipPath('good.webm')}%00.txt`],
  ['a file of another host', `file://hostile.test${outside}/secret.txt`],
  ['a device', 'file:///dev/zero'],
  ['the standard input as a file', 'file:///dev/stdin'],
  ['the environment of this process', 'file:///proc/self/environ'],
  ['a link to a file elsewhere', media.clipUrl('link.webm')],
  ['a folder', media.clipUrl('folder.webm')],
  ['a socket in the place of a file', media.clipUrl('socket.webm')],
])('%s is no URL of a medium', async (_, url) => {
  await expectRefused(url, ['media/url_refused'])
})

test.each(['-i', 'a b', 'a:b', '..', '../up', 'a/b', 'a\\b', 'a\0b', 'a\nb', '.hidden', '%d', '$(x)', '|x', ''])('The result cannot be called %j', async (storageName) => {
  const parse = async () => parseInput(videoStripAudios, { url: 'https://a.test/b', storageName })
  await expect(parse()).rejects.toMatchObject({ code: 'contract_violated' })
})

test.each(['/-i%20evil.webm', '/a:b.webm', '/..%2f..%2fetc%2fpasswd', '/%00', '/%0a%0d', '/con.webm', '/$(touch%20pwned)', `/${'x'.repeat(3_000)}`, '/?name=../../x', '/a;b|c&d'])(
  'A name such as %s on the server is not used here',
  async (path) => {
    pages[new URL(path, 'http://x').pathname] = pages['/good']!
    const facts = await createMediaProbeHandler(tools)(await parseInput(mediaProbe, { url: `http://hostile.test:${H}${path}` }), createTestContext())
    expect(facts).toMatchObject({ sizeBytes: good.length })
    expect(await media.allFiles()).toEqual(before)
  },
)

test('After all of this no file that was written holds the secret, and nobody asked the private server', async () => {
  for (const name of await media.allFiles()) {
    if (/link\.webm|socket\.webm/.test(name)) continue
    expect(String(await readFile(media.clipPath(join('..', name))))).not.toContain(secret)
  }
  expect(privateServer.requests).toEqual([])
})
