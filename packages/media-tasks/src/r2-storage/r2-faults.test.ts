import { randomBytes } from 'node:crypto'
import { appendFile, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { inspect } from 'node:util'
import { CompleteMultipartUploadCommand, S3Client } from '@aws-sdk/client-s3'
import { errorToJson } from '@track-orchestrator/registry'
import { expect, test } from 'vitest'
import { startFaultProxy, type Fault } from '../testing/fault-proxy.ts'
import { failing, folder, isAbort, isComplete, isPart, large, largePath, mebibyte, newKey, newTarget, openR2, proxy, r2, reopen, storage, useFaultyR2, video } from '../testing/faulty-r2.ts'

useFaultyR2('faults', 17 * mebibyte + 11) // four parts of 5 MiB

/** Gives up sooner on a connection that stands still; not so soon that a busy machine counts as one. */
const impatient = { stallTimeoutMs: 2_000 }

const putLarge = async (key = newKey()) => {
  const stored = await storage.put(key, largePath, video)
  proxy.seen.length = 0
  return stored
}
const reset: Fault = { kind: 'reset' }
const unavailable: Fault = { kind: 'answer', status: 503, body: '<Error><Code>ServiceUnavailable</Code><Message>Please try again</Message></Error>' }
/** Asks R2 itself, past the proxy and the storage, to make a file of the parts of an upload. */
const completeAnyway = async (key: string, partPath: string) => {
  const client = new S3Client({ endpoint: r2.endpoint, region: 'auto', forcePathStyle: true, credentials: r2 })
  const UploadId = new URL(partPath, r2.endpoint).searchParams.get('uploadId')!
  const parts = { Parts: [{ PartNumber: 1, ETag: '"00000000000000000000000000000000"' }] }
  return client.send(new CompleteMultipartUploadCommand({ Bucket: r2.bucket, Key: key, UploadId, MultipartUpload: parts })).finally(() => client.destroy())
}

test('An upload goes in equal parts, each signed with its hash, with nothing that R2 has been seen to refuse', async () => {
  await storage.put(newKey(), largePath, video)
  const parts = proxy.seen.filter(isPart)
  const sizes = parts.toSorted((a, b) => a.path.localeCompare(b.path)).map(({ headers }) => Number(headers['content-length']))
  expect(sizes).toEqual([5 * mebibyte, 5 * mebibyte, 5 * mebibyte, 2 * mebibyte + 11])
  for (const { headers } of proxy.seen) {
    expect(Object.keys(headers).filter((name) => /checksum|sdk-checksum|expect|content-encoding|trailer/.test(name))).toEqual([])
  }
  for (const { headers } of parts) expect(headers['x-amz-content-sha256']).toMatch(/^[\da-f]{64}$/)
})

test.each<[string, Fault]>([['a broken connection', reset], ['a 503', unavailable], ['a 429', { kind: 'answer', status: 429 }]])(
  'A part that fails twice with %s is sent a third time',
  async (_, fault) => {
    failing((request) => isPart(request) && request.path.includes('partNumber=2&'), 2, fault)
    const { url } = await storage.put(newKey(), largePath, video)
    expect(proxy.seen.filter(isPart)).toHaveLength(4 + 2)
    const target = await newTarget()
    await storage.fetchToFile(url, target.path)
    expect((await readFile(target.path)).equals(large)).toBe(true)
  },
)

test('An upload of which a part fails for good is given up at R2, too: no file, no parts', async () => {
  failing((request) => isPart(request) && request.path.includes('partNumber=2&'), Infinity, unavailable)
  const key = newKey()
  await expect(storage.put(key, largePath, video)).rejects.toMatchObject({ name: 'ProviderError', status: 503, retryable: true })
  const part = proxy.seen.find(isPart)
  expect(proxy.seen.filter(isAbort)).toHaveLength(1)
  expect(proxy.seen.findLastIndex(isPart)).toBeLessThan(proxy.seen.findIndex(isAbort))
  expect(proxy.seen.some(isComplete)).toBe(false)
  expect(await storage.head(key)).toBeUndefined()
  await expect(completeAnyway(key, part!.path)).rejects.toMatchObject({ name: 'NoSuchUpload' })
})

test('The error of a failed upload is that of the part, also where giving up fails as well', async () => {
  proxy.fault = (request) => (isPart(request) || isAbort(request) ? { kind: 'answer', status: 500 } : undefined)
  await expect(storage.put(newKey(), largePath, video)).rejects.toMatchObject({ status: 500, message: expect.stringContaining('could not store') })
})

test('Cancelling an upload stops its parts, gives it up at R2, and leaves no file', async () => {
  const controller = new AbortController()
  proxy.fault = (request) => {
    if (!isPart(request)) return undefined
    controller.abort()
    return { kind: 'stall', afterBytes: 0 }
  }
  const key = newKey()
  await expect(storage.put(key, largePath, { ...video, signal: controller.signal })).rejects.toMatchObject({ code: 'cancelled', retryable: false })
  expect(proxy.seen.filter(isAbort)).toHaveLength(1)
  expect(await storage.head(key)).toBeUndefined()
})

test('An upload whose last answer was lost has been done', async () => {
  failing(isComplete, 1, { kind: 'reset', afterActing: true })
  const { url } = await storage.put(newKey(), largePath, video)
  expect(proxy.seen.filter(isComplete)).toHaveLength(2)
  expect(proxy.seen.some(isAbort)).toBe(false)
  const target = await newTarget()
  await storage.fetchToFile(url, target.path)
  expect((await readFile(target.path)).equals(large)).toBe(true)
})

test('A file that grows while it is being stored is not stored', async () => {
  const path = join(folder, 'growing.mp4')
  await writeFile(path, large)
  proxy.fault = (request) => {
    if (isPart(request)) void appendFile(path, 'more')
    return undefined
  }
  const key = newKey()
  await expect(storage.put(key, path, video)).rejects.toMatchObject({ retryable: true, message: expect.stringContaining('was written to while') })
  expect(await storage.head(key)).toBeUndefined()
})

test('A download that breaks off goes on where it stopped, on the same content', async () => {
  const { url } = await putLarge()
  failing(({ method }) => method === 'GET', 1, { kind: 'cut', afterBytes: 3 * mebibyte })
  const target = await newTarget()
  await storage.fetchToFile(url, target.path)
  expect((await readFile(target.path)).equals(large)).toBe(true)
  const [first, resumed] = proxy.seen
  expect(first!.headers['range']).toBe(`bytes=0-${5 * mebibyte - 1}`)
  const at = Number(/^bytes=(\d+)-/.exec(String(resumed!.headers['range']))![1])
  expect(at).toBeGreaterThan(2 * mebibyte)
  expect(at).toBeLessThanOrEqual(3 * mebibyte)
  expect(resumed!.headers['if-match']).toMatch(/^"/)
  expect(await target.left()).toEqual(['file'])
})

test.each<[string, Fault]>([['a broken connection', reset], ['a 503', unavailable], ['a stalled body', { kind: 'stall', afterBytes: 100 }], ['no answer at all', { kind: 'stall', afterBytes: 0 }]])(
  'A download gets over %s in each of its ranges',
  async (_, fault) => {
    const { url } = await putLarge()
    if (fault.kind === 'stall') reopen(impatient)
    const failed = new Set<number>()
    proxy.fault = ({ headers }) => {
      const start = Number(/^bytes=(\d+)-/.exec(String(headers['range']))![1])
      // What goes on in the midst of a range is let through.
      if (start % (5 * mebibyte) !== 0 || failed.has(start)) return undefined
      failed.add(start)
      return fault
    }
    const target = await newTarget()
    await storage.fetchToFile(url, target.path)
    expect((await readFile(target.path)).equals(large)).toBe(true)
    expect(failed.size).toBe(4)
    expect(proxy.seen.length).toBeGreaterThanOrEqual(8)
  },
)

test.each<[string, Fault, object]>([
  ['is cut off each time', { kind: 'cut', afterBytes: 10 }, { status: undefined, retryable: true }],
  ['stands still each time', { kind: 'stall', afterBytes: 10 }, { status: undefined, retryable: true, message: expect.stringContaining('stood still') }],
  ['is reset each time', reset, { status: undefined, retryable: true, message: expect.stringContaining('ECONNRESET') }],
  ['is refused each time', unavailable, { status: 503, retryable: true }],
  ['comes as a page of HTML', { kind: 'answer', status: 200, body: '<html>Welcome</html>' }, { retryable: true }],
])('A download that %s fails for the engine to try again, and leaves nothing on disk', async (_, fault, expected) => {
  const { url } = await putLarge()
  if (fault.kind === 'stall') reopen(impatient)
  proxy.fault = () => fault
  const target = await newTarget()
  await expect(storage.fetchToFile(url, target.path)).rejects.toMatchObject({ name: 'ProviderError', ...expected })
  expect(await target.left()).toEqual([])
  expect(proxy.seen.length).toBeLessThanOrEqual(3)
})

test('A cancelled download leaves nothing on disk', async () => {
  const { url } = await putLarge()
  const controller = new AbortController()
  proxy.fault = ({ headers }) => {
    if (String(headers['range']).startsWith('bytes=0-')) return undefined
    setTimeout(() => controller.abort(), 50)
    return { kind: 'stall', afterBytes: mebibyte }
  }
  const target = await newTarget()
  await expect(storage.fetchToFile(url, target.path, { signal: controller.signal })).rejects.toMatchObject({ code: 'cancelled' })
  expect(await target.left()).toEqual([])
})

test('A file that is replaced while it is being read is no mixture of both, but an error to try again on', async () => {
  const key = newKey()
  const { url } = await putLarge(key)
  const other = join(folder, 'other.mp4')
  await writeFile(other, randomBytes(large.length))
  const beside = openR2({ endpoint: r2.endpoint })
  let replaced: Promise<unknown> | undefined
  proxy.fault = async ({ headers }) => {
    if (!String(headers['range']).startsWith('bytes=0-')) await (replaced ??= beside.put(key, other, video))
    return undefined
  }
  const target = await newTarget()
  await expect(storage.fetchToFile(url, target.path)).rejects.toMatchObject({ status: 412, retryable: true, message: expect.stringContaining('replaced in between') })
  expect(await target.left()).toEqual([])
  beside.close()
})

test.each([[429, true], [500, true], [503, true], [400, false], [401, false], [403, false], [501, false]])(
  'An answer of %i is retried by the engine: %s',
  async (status, retryable) => {
    proxy.fault = () => ({ kind: 'answer', status, headers: { 'retry-after': '0' } })
    await expect(storage.delete('faults/any')).rejects.toMatchObject({ name: 'ProviderError', provider: 'Cloudflare R2', status, retryable, retryAfterMs: 0 })
    expect(proxy.seen.length).toBe(status === 429 || [500, 503].includes(status) ? 3 : 1)
  },
)

test('What R2 asks to wait is handed on to the engine', async () => {
  proxy.fault = () => ({ kind: 'answer', status: 400, headers: { 'retry-after': '7' } })
  await expect(storage.delete('faults/any')).rejects.toMatchObject({ retryAfterMs: 7_000 })
})

test('A list in the midst of which somebody else answers is an error, not a short list', async () => {
  proxy.fault = () => ({ kind: 'answer', status: 200, body: '<html>Sign in to the hotel network' })
  await expect(storage.list('faults/')[Symbol.asyncIterator]().next()).rejects.toMatchObject({ name: 'ProviderError', retryable: true })
})

test('Wrong credentials are refused once, with advice, and without a word of them or of the signature', async () => {
  storage.close()
  const secretAccessKey = 'thisIsNotTheSecretAccessKeyOfAnybody'
  reopen({ secretAccessKey })
  const error: unknown = await storage.put('faults/forbidden', largePath, video).catch((thrown: unknown) => thrown)
  expect(error).toMatchObject({ name: 'ProviderError', status: 403, retryable: false, message: expect.stringContaining('Check accessKeyId') })
  expect(proxy.seen).toHaveLength(1)
  const signature = /Signature=([\da-f]+)/.exec(String(proxy.seen[0]!.headers['authorization']))![1]!
  for (const text of [JSON.stringify(errorToJson(error)), inspect(error, { depth: 10, showHidden: true })]) {
    for (const secret of [secretAccessKey, r2.accessKeyId, signature]) expect(text).not.toContain(secret)
  }
})

test.each([
  ['ExpiredRequest', 'The signature has expired: sign anew.'],
  ['RequestTimeTooSkewed', "This machine's clock is wrong."],
])('%s is not retried, and says what to do', async (name, advice) => {
  const body = `<Error><Code>${name}</Code><Message>https://r2.example.com/a?X-Amz-Signature=abcdef0123456789</Message></Error>`
  proxy.fault = () => ({ kind: 'answer', status: 403, body })
  const error: unknown = await storage.delete('faults/late').catch((thrown: unknown) => thrown)
  expect(error).toMatchObject({ status: 403, retryable: false, message: expect.stringContaining(advice) })
  expect(inspect(error, { depth: 10 })).not.toContain('abcdef0123456789')
})

test('A bucket that is not there is named', async () => {
  reopen({ bucket: 'nobodys-bucket' })
  await expect(storage.put('faults/x', largePath, video)).rejects.toMatchObject({ status: 404, retryable: false, message: expect.stringContaining('no such bucket') })
})

test('A server that is not there is an error to try again on', async () => {
  const gone = await startFaultProxy(r2.endpoint)
  await gone.close()
  reopen({ endpoint: gone.endpoint })
  await expect(storage.head('faults/x')).rejects.toMatchObject({ name: 'ProviderError', status: undefined, retryable: true, message: expect.stringContaining('ECONNREFUSED') })
})
