import { readFile } from 'node:fs/promises'
import { describe, expect, test } from 'vitest'
import type { Fault, SeenRequest } from '../testing/fault-proxy.ts'
import { failing, isBegin, isComplete, isPart, large, largePath, mebibyte, newKey, newTarget, openR2, proxy, reopen, r2, smallPath, storage, useFaultyR2, video } from '../testing/faulty-r2.ts'

useFaultyR2('odd', 11 * mebibyte + 7) // three parts of 5 MiB

const once = (matches: (request: SeenRequest) => boolean, fault: Fault) => failing(matches, 1, fault)
const isGet = ({ method }: SeenRequest) => method === 'GET'
const page = '<!doctype html><html><body><p>Sign in to the hotel network</p></body></html>'
const all = async (prefix: string) => {
  const found: string[] = []
  for await (const { key } of storage.list(prefix)) found.push(key)
  return found
}
const failed = { name: 'ProviderError', provider: 'Cloudflare R2', retryable: true }
const list = (inside: string) => `<?xml version="1.0"?><ListBucketResult><Name>media</Name><Prefix>odd/</Prefix>${inside}</ListBucketResult>`
const contents = (...names: string[]) => names.map((name) => `<Contents><Key>${name}</Key><Size>1</Size></Contents>`).join('')

describe('A list is not believed', () => {
  test.each<[string, string]>([
    ['a page of HTML', page],
    ['nothing at all', ''],
    ['an empty XML', '<?xml version="1.0"?><ListBucketResult/>'],
    ['another XML', '<?xml version="1.0"?><Error><Code>AccessDenied</Code></Error>'],
    ['a page that does not say whether it is the last', list(contents('odd/a'))],
    ['a page that names fewer keys than it says', list(`<IsTruncated>false</IsTruncated><KeyCount>2</KeyCount>${contents('odd/a')}`)],
    ['a page that says that there is more, and not where', list(`<IsTruncated>true</IsTruncated><KeyCount>1</KeyCount>${contents('odd/a')}`)],
    ['keys that were not asked for', list(`<IsTruncated>false</IsTruncated><KeyCount>1</KeyCount>${contents('tenants/other/a')}`)],
    ['a key without a name', list('<IsTruncated>false</IsTruncated><KeyCount>1</KeyCount><Contents><Size>1</Size></Contents>')],
  ])('where it is answered with %s', async (_, body) => {
    proxy.fault = () => ({ kind: 'answer', status: 200, body })
    await expect(all('odd/')).rejects.toMatchObject(failed)
  })

  test('where its pages go round in a circle', async () => {
    proxy.fault = ({ path }) => {
      const next = path.includes('continuation-token=a') ? 'b' : 'a'
      return { kind: 'answer', status: 200, body: list(`<IsTruncated>true</IsTruncated><KeyCount>0</KeyCount><NextContinuationToken>${next}</NextContinuationToken>`) }
    }
    await expect(all('odd/')).rejects.toMatchObject(failed)
  })

  test('to be over with a page that is empty, or short, while there is more', async () => {
    const pages = [`<IsTruncated>true</IsTruncated><KeyCount>0</KeyCount><NextContinuationToken>1</NextContinuationToken>`, `<IsTruncated>true</IsTruncated><KeyCount>1</KeyCount>${contents('odd/a')}<NextContinuationToken>2</NextContinuationToken>`, `<IsTruncated>false</IsTruncated><KeyCount>1</KeyCount>${contents('odd/b')}`]
    proxy.fault = ({ path }) => ({ kind: 'answer', status: 200, body: list(pages[Number(/continuation-token=(\d)/.exec(path)?.[1] ?? 0)]!) })
    expect(await all('odd/')).toEqual(['odd/a', 'odd/b'])
  })
})

describe('A 200 is no yes', () => {
  test.each<[string, Fault]>([
    ['without an ETag', { kind: 'altered', headers: { etag: undefined } }],
    ['with an empty ETag', { kind: 'altered', headers: { etag: '' } }],
    ['of a hotel', { kind: 'answer', status: 200, headers: { 'content-type': 'text/html' }, body: page }],
  ])('to a file that is stored, %s', async (_, fault) => {
    once(({ method }) => method === 'PUT', fault)
    await expect(storage.put(newKey(), smallPath, video)).rejects.toMatchObject(failed)
  })

  test('to a part without an ETag: the upload is given up', async () => {
    once(isPart, { kind: 'altered', headers: { etag: undefined } })
    const key = newKey()
    await expect(storage.put(key, largePath, video)).rejects.toMatchObject({ ...failed, message: expect.stringMatching(/part \d has no ETag/) as string })
    expect(await storage.head(key)).toBeUndefined()
  })

  test('to an upload that is begun without a name', async () => {
    once(isBegin, { kind: 'answer', status: 200, body: page })
    await expect(storage.put(newKey(), largePath, video)).rejects.toMatchObject(failed)
  })

  test('to the last of an upload, unless it turns out that the file is there', async () => {
    once(isComplete, { kind: 'answer', status: 200, body: page })
    const lost = newKey()
    await expect(storage.put(lost, largePath, video)).rejects.toMatchObject(failed)
    expect(await storage.head(lost)).toBeUndefined()
    once(isComplete, { kind: 'altered', body: page })
    const done = newKey()
    await storage.put(done, largePath, video)
    expect(await storage.head(done)).toMatchObject({ sizeBytes: large.length })
  })

  test('to a file that is deleted', async () => {
    proxy.fault = () => ({ kind: 'answer', status: 200, headers: { 'content-type': 'text/html' }, body: page })
    await expect(storage.delete('odd/any')).rejects.toMatchObject({ ...failed, message: expect.stringContaining('200 in place of 204') as string })
  })

  test('to whether a file is there', async () => {
    proxy.fault = () => ({ kind: 'answer', status: 200, headers: { 'content-type': 'text/html', 'content-length': String(page.length) } })
    await expect(storage.head('odd/any')).rejects.toMatchObject(failed)
    await expect(storage.putIfAbsent('odd/any', smallPath, video)).rejects.toMatchObject(failed)
  })
})

test('A file of a bucket that is not there is an error, one that is not there in a bucket that is, is none', async () => {
  const elsewhere = openR2({ bucket: 'nobodys-bucket' })
  await expect(elsewhere.head('odd/any')).rejects.toMatchObject({ name: 'ProviderError', status: 404, retryable: false, message: expect.stringContaining('no such bucket') as string })
  await expect(elsewhere.putIfAbsent('odd/any', smallPath, video)).rejects.toMatchObject({ status: 404 })
  elsewhere.close()
  proxy.seen.length = 0
  expect(await storage.head('odd/never')).toBeUndefined()
  expect(await storage.head('odd/never')).toBeUndefined()
  expect(proxy.seen.map(({ method }) => method)).toEqual(['HEAD', 'GET', 'HEAD'])
})

describe.each([408, 429, 500, 502, 503, 504, 520, 521, 522, 523, 524, 525, 526, 527, 530])('A request that is answered %i once', (status) => {
  const fault: Fault = { kind: 'answer', status, headers: { 'content-type': 'text/html', 'retry-after': '0' }, body: page }

  test('is sent again, alone: a part, a range, a list, a question', async () => {
    const key = newKey()
    once((request) => isPart(request) && request.path.includes('partNumber=2&'), fault)
    const { url } = await storage.put(key, largePath, video)
    expect(proxy.seen.filter(isPart)).toHaveLength(4)

    proxy.seen.length = 0
    once(({ headers }) => String(headers['range']).startsWith(`bytes=${5 * mebibyte}-`), fault)
    const target = await newTarget()
    await storage.fetchToFile(url, target.path)
    expect((await readFile(target.path)).equals(large)).toBe(true)
    expect(proxy.seen).toHaveLength(4)

    for (const ask of [() => all(key), () => storage.head(key), () => storage.delete(key)]) {
      proxy.seen.length = 0
      once(() => true, fault)
      await ask()
      expect(proxy.seen).toHaveLength(2)
    }
  })
})

test.each([400, 401, 403, 404, 501, 505])('A request that is answered %i is not sent again', async (status) => {
  proxy.fault = () => ({ kind: 'answer', status })
  await storage.delete('odd/any').catch(() => {})
  expect(proxy.seen).toHaveLength(1)
})

test('Where R2 wants a long rest, that is left to the run, which takes up no worker meanwhile', async () => {
  proxy.fault = () => ({ kind: 'answer', status: 503, headers: { 'retry-after': '60' } })
  await expect(storage.delete('odd/any')).rejects.toMatchObject({ status: 503, retryable: true, retryAfterMs: 60_000 })
  expect(proxy.seen).toHaveLength(1)
})

describe('A download is no mixture of two files', () => {
  test.each<[string, (request: SeenRequest) => boolean, object]>([
    ['a range of another version', ({ headers }) => String(headers['range']).startsWith(`bytes=${5 * mebibyte}-`), { etag: '"0123456789abcdef0123456789abcdef"' }],
    ['a range of a file of another size', ({ headers }) => String(headers['range']).startsWith(`bytes=${5 * mebibyte}-`), { 'content-range': `bytes ${5 * mebibyte}-${10 * mebibyte - 1}/${20 * mebibyte}` }],
    ['another range', ({ headers }) => String(headers['range']).startsWith(`bytes=${5 * mebibyte}-`), { 'content-range': `bytes 0-${5 * mebibyte - 1}/${11 * mebibyte + 7}` }],
    ['a first range without a version', isGet, { etag: undefined }],
    ['a range without a version', ({ headers }) => String(headers['range']).startsWith(`bytes=${10 * mebibyte}-`), { etag: undefined }],
  ])('where the answer is %s: it is refused', async (_, matches, headers) => {
    const { url } = await storage.put(newKey(), largePath, video)
    proxy.fault = (request) => (matches(request) ? { kind: 'altered', headers: headers as Record<string, string> } : undefined)
    const target = await newTarget()
    await expect(storage.fetchToFile(url, target.path)).rejects.toMatchObject({ name: 'ProviderError', retryable: true })
    expect(await target.left()).toEqual([])
  })

  test('where what it goes on with is of another version', async () => {
    const { url } = await storage.put(newKey(), smallPath, video)
    let asked = 0
    proxy.fault = () => (asked++ === 0 ? { kind: 'cut', afterBytes: 2 } : { kind: 'altered', headers: { etag: '"0123456789abcdef0123456789abcdef"' } })
    const target = await newTarget()
    await expect(storage.fetchToFile(url, target.path)).rejects.toMatchObject({ status: 412, retryable: true, message: expect.stringContaining('replaced in between') as string })
    expect(await target.left()).toEqual([])
  })
})

describe('Every answer ends', () => {
  const impatient = () => {
      reopen({ stallTimeoutMs: 1_000 })
  }

  test('also an error that goes on for ever, drop by drop, and says what it said', async () => {
    impatient()
    proxy.fault = () => ({ kind: 'endless', status: 403, piece: ' ', everyMs: 50 })
    await expect(storage.delete('odd/any')).rejects.toMatchObject({ name: 'ProviderError', status: 403, retryable: false })
  })

  test('also one that goes on for ever as fast as it can', async () => {
    proxy.fault = () => ({ kind: 'endless', status: 500, piece: 'x'.repeat(100_000), everyMs: 1 })
    await expect(storage.delete('odd/any')).rejects.toMatchObject({ name: 'ProviderError', status: 500 })
  })

  test('also a list without end', async () => {
    proxy.fault = () => ({ kind: 'endless', status: 200, piece: ' '.repeat(1_000_000), everyMs: 1 })
    await expect(all('odd/')).rejects.toMatchObject({ name: 'ProviderError', retryable: true })
  })

  test('also a file of which next to nothing comes', async () => {
    const { url } = await storage.put(newKey(), largePath, video)
    impatient()
    const headers = { etag: '"a"', 'content-range': `bytes 0-${5 * mebibyte - 1}/${11 * mebibyte}`, 'content-length': String(5 * mebibyte) }
    proxy.fault = ({ headers: { range } }) => ({ kind: 'endless', status: 206, piece: 'x', everyMs: 50, headers: { ...headers, 'content-range': headers['content-range'].replace('0', /=(\d+)/.exec(String(range))![1]!) } })
    const target = await newTarget()
    await expect(storage.fetchToFile(url, target.path)).rejects.toMatchObject({ name: 'ProviderError', retryable: true, message: expect.stringContaining('stood still') as string })
    expect(await target.left()).toEqual([])
  })
})

test('A file that is larger than asked for is refused before it is fetched', async () => {
  const { url } = await storage.put(newKey(), largePath, video)
  proxy.seen.length = 0
  const target = await newTarget()
  await expect(storage.fetchToFile(url, target.path, { maxBytes: large.length - 1 })).rejects.toMatchObject({ code: 'media/too_large', retryable: false })
  expect(proxy.seen).toHaveLength(1)
  expect(await target.left()).toEqual([])
  await storage.fetchToFile(url, target.path, { maxBytes: large.length })
})

test('R2 takes one write a second of a key: those of one process take turns, those of others are sent again', async () => {
  const key = newKey()
  const other = openR2({ endpoint: r2.endpoint })
  const stored = await Promise.all([storage.put(key, smallPath, video), storage.put(key, smallPath, video), other.put(key, smallPath, video)])
  expect(stored.map(({ sizeBytes }) => sizeBytes)).toEqual([5, 5, 5])
  other.close()
})

test('Who waits for a turn to write does not wait after being cancelled', async () => {
  const key = newKey()
  const cancel = new AbortController()
  proxy.fault = ({ method }) => (method === 'PUT' ? { kind: 'stall', afterBytes: 0 } : undefined)
  const first = storage.put(key, smallPath, { ...video, signal: cancel.signal })
  const second = storage.put(key, smallPath, { ...video, signal: AbortSignal.timeout(300) })
  await expect(second).rejects.toMatchObject({ code: 'timed_out' })
  cancel.abort()
  await expect(first).rejects.toMatchObject({ code: 'cancelled' })
})
