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
import { inLanes } from './in-lanes.ts'
import { r2Error } from './r2-error.ts'
import type { R2Place } from './r2-url.ts'

export interface Upload extends R2Place {
  readonly filePath: string
  readonly contentType: string
  /** SHA-256 of the file, in hex: kept as metadata. */
  readonly sha256: string
  readonly partSizeBytes: number
  readonly concurrency: number
  readonly signal: AbortSignal | undefined
  /** Only where nothing lies there yet. Not for files of several parts: R2 knows no such condition there. */
  readonly ifAbsent?: boolean
}

/** R2's limit (developers.cloudflare.com/r2/platform/limits). */
const maxParts = 10_000
const mebibyte = 1024 ** 2
const abortTimeoutMs = 10_000

/** Sends a file, in one request where it is no larger than a part, and gives its size. Whole or not at all. */
export async function uploadFile(client: S3Client, upload: Upload): Promise<number> {
  const file = await open(upload.filePath)
  try {
    const { size, mtimeMs } = await file.stat()
    const checkUnchanged = async () => {
      const now = await file.stat()
      if (now.size !== size || now.mtimeMs !== mtimeMs) throw changed(upload)
    }
    if (size <= upload.partSizeBytes) await sendWhole(client, upload, file, size, checkUnchanged)
    else await sendInParts(client, upload, file, size, checkUnchanged)
    return size
  } finally {
    await file.close()
  }
}

async function sendWhole(client: S3Client, upload: Upload, file: FileHandle, size: number, checkUnchanged: () => Promise<void>): Promise<void> {
  const { signal } = upload
  const Body = await readPart(upload, file, Buffer.alloc(size), 0)
  await checkUnchanged()
  throwIfStopped(signal)
  const command = new PutObjectCommand({ ...headers(upload), Body, ContentLength: size, ...(upload.ifAbsent && { IfNoneMatch: '*' }) })
  await client.send(command, { ...(signal && { abortSignal: signal }) }).catch((error: unknown) => {
    throw r2Error(error, storing(upload), signal)
  })
}

/**
 * Equal parts but for the last, as R2 wants them; as many at once as `concurrency`, each in a buffer that is used again.
 * (`Upload` of @aws-sdk/lib-storage goes on with the other parts when one has failed, and hands no signal on.)
 */
async function sendInParts(client: S3Client, upload: Upload, file: FileHandle, size: number, checkUnchanged: () => Promise<void>): Promise<void> {
  const { bucket, key, concurrency, signal } = upload
  const partSize = Math.max(upload.partSizeBytes, Math.ceil(size / maxParts / mebibyte) * mebibyte)
  const count = Math.ceil(size / partSize)
  const failure = new AbortController()
  const abortSignal = signal ? AbortSignal.any([signal, failure.signal]) : failure.signal
  setMaxListeners(0, abortSignal) // each request on its way listens
  const at = { Bucket: bucket, Key: key }
  let UploadId: string | undefined
  try {
    ;({ UploadId } = await client.send(new CreateMultipartUploadCommand(headers(upload)), { abortSignal }))
    const id = { ...at, UploadId }
    const parts: CompletedPart[] = []
    let next = 0
    const sendParts = async () => {
      const buffer = Buffer.allocUnsafeSlow(Math.min(partSize, size))
      for (let part = next++; part < count && !abortSignal.aborted; part = next++) {
        const Body = await readPart(upload, file, buffer.subarray(0, Math.min(partSize, size - part * partSize)), part * partSize)
        const { ETag } = await client.send(new UploadPartCommand({ ...id, PartNumber: part + 1, Body, ContentLength: Body.length }), { abortSignal })
        parts[part] = { PartNumber: part + 1, ETag }
      }
    }
    // It waits for all of them: a part that arrives after the upload was given up would stay.
    await inLanes(Math.min(concurrency, count), sendParts, () => failure.abort())
    throwIfStopped(signal)
    await checkUnchanged()
    await client.send(new CompleteMultipartUploadCommand({ ...id, MultipartUpload: { Parts: parts } }), { abortSignal }).catch(async (error: unknown) => {
      if (!(await isThere(client, upload, size, error))) throw error
    })
  } catch (error) {
    // Without this, R2 keeps (and charges) the parts for 7 days. That this may fail, too, changes nothing for the caller.
    if (UploadId !== undefined) {
      await client.send(new AbortMultipartUploadCommand({ ...at, UploadId }), { abortSignal: AbortSignal.timeout(abortTimeoutMs) }).catch(() => {})
    }
    throw r2Error(error, storing(upload), signal)
  }
}

/** Whether a "complete" that found no upload had in truth been done, and only its answer was lost. */
async function isThere(client: S3Client, { bucket, key, sha256, signal }: Upload, size: number, error: unknown): Promise<boolean> {
  if (!(error instanceof Error && error.name === 'NoSuchUpload')) return false
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

const storing = ({ bucket, key }: R2Place) => `store ${key} in the bucket ${bucket}`

function changed({ key }: Upload): TracksError {
  return new TracksError(`The file for ${key} was written to while it was being stored: nothing is stored`, { code: 'task_failed', retryable: true })
}
