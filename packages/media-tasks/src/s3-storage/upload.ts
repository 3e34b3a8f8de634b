import { setMaxListeners } from 'node:events'
import { open, type FileHandle } from 'node:fs/promises'
import {
  AbortMultipartUploadCommand,
  CompleteMultipartUploadCommand,
  CreateMultipartUploadCommand,
  HeadObjectCommand,
  PutObjectCommand,
  UploadPartCommand,
  type CompletedPart,
  type S3Client,
} from '@aws-sdk/client-s3'
import { TracksError } from '@track-orchestrator/registry'
import { throwIfStopped } from '../ffmpeg/stop.ts'
import type { OnBytes } from '../storage.ts'
import { inLanes } from './in-lanes.ts'
import { noAnswer, s3Error, type S3Attempt } from './s3-error.ts'
import type { S3Settings } from './s3-options.ts'
import type { S3Place } from './s3-url.ts'

export interface Upload extends S3Place {
  readonly filePath: string
  readonly contentType: string
  /** SHA-256 of the file, in hex: kept as metadata. */
  readonly sha256: string
  readonly signal: AbortSignal | undefined
  /** Only where nothing lies there yet, as far as the service knows such a condition. */
  readonly ifAbsent?: boolean
  readonly onProgress?: OnBytes | undefined
}

type How = Pick<S3Settings, 'provider' | 'partSizeBytes' | 'concurrency' | 'ifAbsent'>

/** The limit of all of them (developers.cloudflare.com/r2/platform/limits; Amazon S3, "Multipart upload limits"). */
const maxParts = 10_000
const mebibyte = 1024 ** 2
const abortTimeoutMs = 10_000

/** Sends a file, in one request where it is no larger than a part, and gives its size. Whole or not at all. */
export async function uploadFile(client: S3Client, how: How, upload: Upload): Promise<number> {
  const file = await open(upload.filePath)
  try {
    const { size, mtimeMs } = await file.stat()
    const checkUnchanged = async () => {
      const now = await file.stat()
      if (now.size !== size || now.mtimeMs !== mtimeMs) throw changed(upload)
    }
    if (size <= how.partSizeBytes) await sendWhole(client, how, upload, file, size, checkUnchanged)
    else await sendInParts(client, how, upload, file, size, checkUnchanged)
    return size
  } finally {
    await file.close()
  }
}

async function sendWhole(client: S3Client, how: How, upload: Upload, file: FileHandle, size: number, checkUnchanged: () => Promise<void>): Promise<void> {
  const { signal } = upload
  const attempt = storing(how, upload)
  const Body = await readPart(upload, file, Buffer.alloc(size), 0)
  await checkUnchanged()
  throwIfStopped(signal)
  const command = new PutObjectCommand({ ...headers(upload), Body, ContentLength: size, ...(upload.ifAbsent && how.ifAbsent !== 'never' && { IfNoneMatch: '*' }) })
  const { ETag } = await client.send(command, { ...(signal && { abortSignal: signal }) }).catch((error: unknown) => {
    throw s3Error(error, attempt, signal)
  })
  if (!ETag) throw noAnswer(attempt, 'the answer has no ETag: it is no yes')
}

/**
 * Equal parts but for the last, as R2 wants them; as many at once as `concurrency`, each in a buffer that is used again.
 * (`Upload` of @aws-sdk/lib-storage goes on with the other parts when one has failed, and hands no signal on.)
 */
async function sendInParts(client: S3Client, how: How, upload: Upload, file: FileHandle, size: number, checkUnchanged: () => Promise<void>): Promise<void> {
  const { bucket, key, signal } = upload
  const attempt = storing(how, upload)
  const partSize = Math.max(how.partSizeBytes, Math.ceil(size / maxParts / mebibyte) * mebibyte)
  const count = Math.ceil(size / partSize)
  const failure = new AbortController()
  const abortSignal = signal ? AbortSignal.any([signal, failure.signal]) : failure.signal
  setMaxListeners(0, abortSignal) // each request on its way listens
  const at = { Bucket: bucket, Key: key }
  let UploadId: string | undefined
  try {
    ;({ UploadId } = await client.send(new CreateMultipartUploadCommand(headers(upload)), { abortSignal }))
    if (!UploadId) throw noAnswer(attempt, 'the answer does not name the upload that was begun')
    const id = { ...at, UploadId }
    const parts: CompletedPart[] = []
    let [next, sent] = [0, 0]
    const sendParts = async () => {
      const buffer = Buffer.allocUnsafeSlow(Math.min(partSize, size))
      for (let part = next++; part < count && !abortSignal.aborted; part = next++) {
        const Body = await readPart(upload, file, buffer.subarray(0, Math.min(partSize, size - part * partSize)), part * partSize)
        const { ETag } = await client.send(new UploadPartCommand({ ...id, PartNumber: part + 1, Body, ContentLength: Body.length }), { abortSignal })
        if (!ETag) throw noAnswer(attempt, `the answer to part ${part + 1} has no ETag: it is no yes`)
        parts[part] = { PartNumber: part + 1, ETag }
        upload.onProgress?.((sent += Body.length), size)
      }
    }
    // It waits for all of them: a part that arrives after the upload was given up would stay.
    await inLanes(Math.min(how.concurrency, count), sendParts, () => failure.abort())
    throwIfStopped(signal)
    await checkUnchanged()
    const complete = new CompleteMultipartUploadCommand({ ...id, MultipartUpload: { Parts: parts }, ...(upload.ifAbsent && how.ifAbsent === 'always' && { IfNoneMatch: '*' }) })
    await client.send(complete, { abortSignal }).then(({ ETag }) => {
      if (!ETag) throw noAnswer(attempt, 'the last answer has no ETag: it is no yes')
    }).catch(async (error: unknown) => {
      if (!(await isThere(client, upload, size, error))) throw error
    })
  } catch (error) {
    // Without this, R2 keeps (and charges) the parts for 7 days, others for ever. That this may fail, too, changes nothing for the caller.
    if (UploadId !== undefined) {
      await client.send(new AbortMultipartUploadCommand({ ...at, UploadId }), { abortSignal: AbortSignal.timeout(abortTimeoutMs) }).catch(() => {})
    }
    throw s3Error(error, attempt, signal)
  }
}

/** Whether a "complete" that found no upload, or was answered with something else, had in truth been done, and only its answer was lost. */
async function isThere(client: S3Client, { bucket, key, sha256, signal }: Upload, size: number, error: unknown): Promise<boolean> {
  if (!(error instanceof Error && ['NoSuchUpload', 'ProviderError'].includes(error.name))) return false
  const found = await client.send(new HeadObjectCommand({ Bucket: bucket, Key: key }), { ...(signal && { abortSignal: signal }) }).catch(() => undefined)
  return found?.Metadata?.['sha256'] === sha256 && found.ContentLength === size
}

/** Fills the buffer with what the file holds from `position` on. */
async function readPart(upload: Upload, file: FileHandle, buffer: Buffer, position: number): Promise<Buffer> {
  for (let filled = 0; filled < buffer.length; ) {
    const { bytesRead } = await file.read(buffer, filled, buffer.length - filled, position + filled)
    if (bytesRead === 0) throw changed(upload)
    filled += bytesRead
  }
  return buffer
}

const headers = ({ bucket, key, contentType, sha256 }: Upload) => ({ Bucket: bucket, Key: key, ContentType: contentType, Metadata: { sha256 } })

const storing = ({ provider }: How, { bucket, key }: S3Place): S3Attempt => ({ provider, what: `store ${key} in the bucket ${bucket}` })

function changed({ key }: Upload): TracksError {
  return new TracksError(`The file for ${key} was written to while it was being stored: nothing is stored`, { code: 'task_failed', retryable: true })
}
