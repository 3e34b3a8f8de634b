import { randomUUID } from 'node:crypto'
import { setMaxListeners } from 'node:events'
import { open, rename, rm, type FileHandle } from 'node:fs/promises'
import { setTimeout as delay } from 'node:timers/promises'
import { GetObjectCommand, type S3Client } from '@aws-sdk/client-s3'
import { ProviderError } from '@track-orchestrator/registry'
import { stopError } from '../ffmpeg/stop.ts'
import { inLanes } from './in-lanes.ts'
import { r2Error, statusOf } from './r2-error.ts'
import type { R2Place } from './r2-url.ts'

export interface Download extends R2Place {
  readonly filePath: string
  /** Bytes of one range. */
  readonly partSizeBytes: number
  readonly concurrency: number
  readonly signal: AbortSignal | undefined
}

/** What the first answer says of the whole. */
interface Whole {
  readonly sizeBytes: number
  /** All ranges are asked of this very content: one that was replaced in between is an error, not a mixture. */
  readonly etag: string | undefined
}

/** A range is given up after so many breaks in a row that brought (nearly) nothing. */
const maxBarrenAttempts = 3
const barrenBytes = 64 * 1024
const pauseMs = 200

/** Fetches a file in ranges, several at once; one that breaks goes on where it stopped. Whole, or nothing is left on disk. */
export async function downloadFile(client: S3Client, download: Download): Promise<void> {
  const { filePath, partSizeBytes, concurrency, signal } = download
  const incoming = `${filePath}.${randomUUID()}.incoming`
  const failure = new AbortController()
  const abortSignal = signal ? AbortSignal.any([signal, failure.signal]) : failure.signal
  setMaxListeners(0, abortSignal) // each request on its way listens
  const file = await open(incoming, 'wx', 0o600)
  try {
    const whole = await fetchRange(client, { ...download, signal: abortSignal }, file, 0)
    let next = partSizeBytes
    const fetchRanges = async () => {
      for (let start = next; start < whole.sizeBytes && !abortSignal.aborted; start = next) {
        next += partSizeBytes
        await fetchRange(client, { ...download, signal: abortSignal }, file, start, whole)
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
async function fetchRange(client: S3Client, download: Download, file: FileHandle, start: number, known?: Whole): Promise<Whole> {
  const { signal } = download
  let whole = known
  let at = start
  let barren = 0
  let diskError: unknown
  for (;;) {
    const from = at
    let answered = false
    try {
      const answer = await askForRange(client, download, at, start + download.partSizeBytes - 1, whole)
      answered = true
      whole = answer.whole
      const end = Math.min(start + download.partSizeBytes, whole.sizeBytes)
      for await (const chunk of answer.body) {
        if (at + chunk.length > end) throw broken(download, 'it sent more than was asked for')
        await writeAll(file, chunk, at).catch((error: unknown) => {
          throw (diskError = error)
        })
        at += chunk.length
      }
      if (at === end) return whole
      throw broken(download, 'it sent less than it said')
    } catch (thrown) {
      if (diskError !== undefined) throw diskError // a full disk is no reason to ask again
      const error = r2Error(thrown, reading(download), signal)
      barren = at - from < barrenBytes ? barren + 1 : 0
      // Only what broke off in the midst of an answer is asked for again here: a request without one has been repeated by the client.
      if (!answered || !error.retryable || signal?.aborted || barren >= maxBarrenAttempts) throw error
      await delay(pauseMs * 2 ** barren, undefined, { ...(signal && { signal }) }).catch(() => {})
    }
  }
}

async function askForRange(client: S3Client, download: Download, from: number, to: number, whole: Whole | undefined): Promise<{ whole: Whole; body: AsyncIterable<Uint8Array> }> {
  const { bucket, key, signal } = download
  const command = new GetObjectCommand({ Bucket: bucket, Key: key, Range: `bytes=${from}-${to}`, ...(whole?.etag !== undefined && { IfMatch: whole.etag }) })
  const options = { ...(signal && { abortSignal: signal }) }
  const answer = await client.send(command, options).catch((thrown: unknown) => {
    const error = r2Error(thrown, reading(download), signal)
    if (from === 0 && statusOf(error) === 416) return undefined // no byte to begin with: it is empty
    throw error
  })
  if (!answer?.Body) return { whole: { sizeBytes: 0, etag: undefined }, body: (async function* () {})() }
  const [, first, size] = /^bytes (\d+)-\d+\/(\d+)$/.exec(answer.ContentRange ?? '') ?? []
  if (Number(first) !== from) throw broken(download, 'it sent another range than was asked for')
  return { whole: { sizeBytes: Number(size), etag: answer.ETag }, body: answer.Body as unknown as AsyncIterable<Uint8Array> }
}

async function writeAll(file: FileHandle, chunk: Uint8Array, position: number): Promise<void> {
  for (let written = 0; written < chunk.length; ) {
    const { bytesWritten } = await file.write(chunk, written, chunk.length - written, position + written)
    written += bytesWritten
  }
}

const reading = ({ bucket, key }: R2Place) => `read ${key} from the bucket ${bucket}`

function broken(download: R2Place, why: string): ProviderError {
  return new ProviderError(`Cloudflare R2 could not ${reading(download)}: ${why}`, { provider: 'Cloudflare R2' })
}
