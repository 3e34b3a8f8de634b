import { randomUUID } from 'node:crypto'
import { setMaxListeners } from 'node:events'
import { open, rename, rm, type FileHandle } from 'node:fs/promises'
import { Readable } from 'node:stream'
import { setTimeout as delay } from 'node:timers/promises'
import { GetObjectCommand, type GetObjectCommandOutput, type S3Client } from '@aws-sdk/client-s3'
import { ProviderError, TerminalError, type TracksError } from '@track-orchestrator/registry'
import { stopError } from '../ffmpeg/stop.ts'
import type { OnBytes } from '../storage.ts'
import { inLanes } from './in-lanes.ts'
import { moving } from './moving.ts'
import { noAnswer, s3Error, statusOf, type S3Attempt } from './s3-error.ts'
import type { S3Settings } from './s3-options.ts'
import type { S3Place } from './s3-url.ts'

export interface Download extends S3Place {
  readonly filePath: string
  /** Most bytes to fetch. Default: any. */
  readonly maxBytes: number | undefined
  readonly signal: AbortSignal | undefined
  readonly onProgress?: OnBytes | undefined
}

type How = Pick<S3Settings, 'provider' | 'partSizeBytes' | 'concurrency' | 'stallTimeoutMs'>

/** What the first answer says of the whole. */
interface Whole {
  readonly sizeBytes: number
  /** All ranges are asked of this very content: one that was replaced in between is an error, not a mixture. */
  readonly etag: string
}

/** A range is given up after so many breaks in a row that brought (nearly) nothing. */
const maxBarrenAttempts = 3
const barrenBytes = 64 * 1024
const pauseMs = 200

/** Fetches a file in ranges, several at once; one that breaks goes on where it stopped. Whole, or nothing is left on disk. */
export async function downloadFile(client: S3Client, how: How, download: Download): Promise<void> {
  const { filePath, signal } = download
  const { partSizeBytes, concurrency } = how
  const incoming = `${filePath}.${randomUUID()}.incoming`
  const failure = new AbortController()
  const abortSignal = signal ? AbortSignal.any([signal, failure.signal]) : failure.signal
  setMaxListeners(0, abortSignal) // each request on its way listens
  const file = await open(incoming, 'wx', 0o600)
  let received = 0
  const onChunk = (bytes: number, { sizeBytes }: Whole) => download.onProgress?.((received += bytes), sizeBytes)
  const range = { ...download, signal: abortSignal, onChunk }
  try {
    const whole = await fetchRange(client, how, range, file, 0)
    let next = partSizeBytes
    const fetchRanges = async () => {
      for (let start = next; start < whole.sizeBytes && !abortSignal.aborted; start = next) {
        next += partSizeBytes
        await fetchRange(client, how, range, file, start, whole)
      }
    }
    await inLanes(concurrency, fetchRanges, () => failure.abort())
    if (signal?.aborted) throw stopError(signal)
    await file.close()
    await rename(incoming, filePath)
  } catch (error) {
    throw signal?.aborted ? stopError(signal) : error
  } finally {
    await file.close()
    await rm(incoming, { force: true })
  }
}

/** Writes one range to its place in the file, in as many requests as it takes. */
async function fetchRange(client: S3Client, how: How, download: Download & { onChunk(bytes: number, whole: Whole): void }, file: FileHandle, start: number, known?: Whole): Promise<Whole> {
  const { signal } = download
  const attempt = reading(how, download)
  let whole = known
  let at = start
  let barren = 0
  let diskError: unknown
  for (;;) {
    const from = at
    let answered = false
    try {
      const answer = await askForRange(client, attempt, download, at, start + how.partSizeBytes - 1, whole)
      answered = true
      whole = answer.whole
      const end = Math.min(start + how.partSizeBytes, whole.sizeBytes)
      for await (const chunk of moving(answer.body, how.stallTimeoutMs, () => noAnswer(attempt, 'next to nothing came. The connection stood still.'))) {
        if (at + chunk.length > end) throw noAnswer(attempt, 'it sent more than was asked for')
        await writeAll(file, chunk, at).catch((error: unknown) => {
          throw (diskError = error)
        })
        at += chunk.length
        download.onChunk(chunk.length, whole)
      }
      if (at === end) return whole
      throw noAnswer(attempt, 'it sent less than it said')
    } catch (thrown) {
      if (diskError !== undefined) throw diskError // a full disk is no reason to ask again
      const error = s3Error(thrown, attempt, signal)
      barren = at - from < barrenBytes ? barren + 1 : 0
      // Only what broke off in the midst of an answer is asked for again here: a request without one has been repeated by the client.
      if (!answered || !error.retryable || signal?.aborted || barren >= maxBarrenAttempts) throw error
      await delay(pauseMs * 2 ** barren, undefined, { ...(signal && { signal }) }).catch(() => {})
    }
  }
}

async function askForRange(client: S3Client, attempt: S3Attempt, download: Download, from: number, to: number, whole: Whole | undefined): Promise<{ whole: Whole; body: Readable }> {
  const { bucket, key, signal, maxBytes = Infinity } = download
  const command = new GetObjectCommand({ Bucket: bucket, Key: key, Range: `bytes=${from}-${to}`, ...(whole && { IfMatch: whole.etag }) })
  const answer = await client.send(command, { ...(signal && { abortSignal: signal }) }).catch((thrown: unknown) => {
    const error = s3Error(thrown, attempt, signal)
    if (from === 0 && statusOf(error) === 416) return undefined // no byte to begin with: it is empty
    throw error
  })
  if (!answer) return { whole: { sizeBytes: 0, etag: '' }, body: Readable.from([]) }
  const body = answer.Body as Readable
  const fault = faultOf(answer, from, whole)
  const [sizeBytes, etag] = [sizeOf(answer.ContentRange), answer.ETag ?? '']
  if (!fault && sizeBytes <= maxBytes) return { whole: { sizeBytes, etag }, body }
  body.destroy()
  throw fault?.(attempt) ?? new TerminalError(`${key} in the bucket ${bucket} has ${sizeBytes} bytes; the limit here is ${maxBytes}`, { code: 'media/too_large' })
}

const sizeOf = (contentRange: string | undefined): number => Number(/^bytes \d+-\d+\/(\d+)$/.exec(contentRange ?? '')?.[1])

/** Whether the answer is that part of that file: some services pay no heed to `If-Match`. */
function faultOf({ ContentRange = '', ETag: etag = '' }: GetObjectCommandOutput, from: number, whole: Whole | undefined): ((attempt: S3Attempt) => TracksError) | undefined {
  const [, first] = /^bytes (\d+)-\d+\/\d+$/.exec(ContentRange) ?? []
  if (Number(first) !== from) return (attempt) => noAnswer(attempt, 'it sent another range than was asked for')
  if (etag === '') return (attempt) => noAnswer(attempt, 'the answer has no ETag: parts of two files could not be told apart')
  if (whole && (etag !== whole.etag || sizeOf(ContentRange) !== whole.sizeBytes)) {
    return ({ provider, what }) => new ProviderError(`${provider} could not ${what}: the answer is of another file. It was replaced in between.`, { provider, status: 412, retryable: true })
  }
  return undefined
}

async function writeAll(file: FileHandle, chunk: Uint8Array, position: number): Promise<void> {
  for (let written = 0; written < chunk.length; ) {
    const { bytesWritten } = await file.write(chunk, written, chunk.length - written, position + written)
    written += bytesWritten
  }
}

const reading = ({ provider }: How, { bucket, key }: S3Place): S3Attempt => ({ provider, what: `read ${key} from the bucket ${bucket}` })
