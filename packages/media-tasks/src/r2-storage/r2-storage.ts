import { DeleteObjectCommand, GetObjectCommand, HeadObjectCommand, ListObjectsV2Command, PutObjectCommand } from '@aws-sdk/client-s3'
import { getSignedUrl } from '@aws-sdk/s3-request-presigner'
import { redact, TerminalError, TracksError } from '@track-orchestrator/registry'
import { sha256OfFile } from '../content-hash.ts'
import { throwIfStopped } from '../ffmpeg/stop.ts'
import { checkStorageKey } from '../storage-key.ts'
import type { SignOptions, Storage, StorageOptions, StoredObject } from '../storage.ts'
import { downloadFile } from './download.ts'
import { createR2Client } from './r2-client.ts'
import { r2Error, statusOf } from './r2-error.ts'
import { checkR2Options, type R2StorageOptions } from './r2-options.ts'
import { encodeKey, parseR2Url, r2Url, type R2Place } from './r2-url.ts'
import { uploadFile } from './upload.ts'

/** A storage in R2: it can sign URLs, and be closed. */
export interface R2Storage extends Storage {
  sign(url: string, options: SignOptions): Promise<string>
  publicUrl(url: string): string | undefined
  /** Closes connections that are kept open for the next request. */
  close(): void
}

/** The longest that Signature Version 4 allows (docs.aws.amazon.com, "Authenticating Requests: Using Query Parameters"). */
const longestSeconds = 7 * 24 * 3_600

/**
 * A storage in a Cloudflare R2 bucket, or that of another S3 service. Its URLs are `r2://bucket/key`, which this storage opens with its
 * credentials, in any process: they say where a file lies and open nothing by themselves. Nothing is asked of R2 here.
 *
 * Throws `TerminalError` for options that cannot be. Its methods throw `ProviderError` where R2 fails: retryable for broken
 * connections, 408, 409, 412, 429 and 5xx, each request having been sent three times by then; not for 401 and 403.
 *
 * `putIfAbsent` sends a file of up to one part (8 MiB) with a condition that R2 keeps: of several, one creates. R2 has no such
 * condition on an upload in parts: for a larger file it is looked first, and of several that begin at once the last one stays.
 * Under a key made from the content's hash that is the same file.
 */
export function createR2Storage(options: R2StorageOptions): R2Storage {
  const settings = checkR2Options(options)
  const { bucket: ownBucket, buckets, partSizeBytes, concurrency, publicUrlBase } = settings
  const client = createR2Client(settings, { accessKeyId: options.accessKeyId, secretAccessKey: options.secretAccessKey })

  const placeOf = (key: string, { bucket = ownBucket }: Pick<StorageOptions, 'bucket'> = {}): R2Place => {
    if (!buckets.has(bucket)) throw new TerminalError(`The bucket ${JSON.stringify(bucket)} is refused: this storage was told of ${[...buckets].join(', ')}`, { code: 'media/url_refused' })
    return { bucket, key: checkStorageKey(key.split('/')) }
  }
  const ownPlace = (url: string): R2Place | undefined => {
    const place = parseR2Url(url)
    return place && buckets.has(place.bucket) ? place : undefined
  }
  const requirePlace = (url: string): R2Place => {
    const place = ownPlace(url)
    if (!place) throw new TerminalError(`${redact(url)} may not be read: it is no r2://${ownBucket}/… URL of this storage`, { code: 'media/url_refused' })
    return place
  }
  /** `what` fits into "could not …". */
  const call = async <Answer>(what: string, signal: AbortSignal | undefined, work: (options: { abortSignal?: AbortSignal }) => Promise<Answer>): Promise<Answer> => {
    throwIfStopped(signal)
    try {
      return await work({ ...(signal && { abortSignal: signal }) })
    } catch (error) {
      throw r2Error(error, what, signal)
    }
  }
  const describe = async (place: R2Place, signal: AbortSignal | undefined): Promise<StoredObject | undefined> => {
    try {
      const at = { Bucket: place.bucket, Key: place.key }
      const found = await call(`look up ${place.key} in the bucket ${place.bucket}`, signal, (how) => client.send(new HeadObjectCommand(at), how))
      const sha256 = found.Metadata?.['sha256']
      return {
        ...{ ...place, url: r2Url(place), sizeBytes: found.ContentLength ?? 0 },
        ...(found.ContentType !== undefined && { contentType: found.ContentType }),
        ...(sha256 !== undefined && { sha256 }),
      }
    } catch (error) {
      if (TracksError.is(error) && error.code === 'media/not_found') return undefined
      throw error
    }
  }
  const send = async (place: R2Place, filePath: string, contentType: string, sha256: string, signal: AbortSignal | undefined, ifAbsent = false): Promise<StoredObject> => {
    const sizeBytes = await uploadFile(client, { ...place, filePath, contentType, sha256, partSizeBytes, concurrency, signal, ifAbsent })
    return { ...place, url: r2Url(place), sizeBytes, contentType, sha256 }
  }

  return {
    async put(key, filePath, { contentType, skipIfSame, signal, bucket }) {
      const place = placeOf(key, { bucket })
      throwIfStopped(signal)
      const sha256 = await sha256OfFile(filePath, signal)
      const there = skipIfSame ? await describe(place, signal) : undefined
      return there?.sha256 === sha256 && there.contentType === contentType ? there : send(place, filePath, contentType, sha256, signal)
    },
    async putIfAbsent(key, filePath, { contentType, signal, bucket }) {
      const place = placeOf(key, { bucket })
      const there = await describe(place, signal)
      if (there) return { ...there, created: false }
      const sha256 = await sha256OfFile(filePath, signal)
      try {
        return { ...(await send(place, filePath, contentType, sha256, signal, true)), created: true }
      } catch (error) {
        const winner = statusOf(error) === 412 ? await describe(place, signal) : undefined
        if (winner) return { ...winner, created: false }
        throw error
      }
    },
    async fetchToFile(url, filePath, { signal } = {}) {
      throwIfStopped(signal)
      await downloadFile(client, { ...requirePlace(url), filePath, partSizeBytes, concurrency, signal })
    },
    owns: (url) => ownPlace(url) !== undefined,
    keyOf: (url) => ownPlace(url)?.key,
    urlOf: (key, { bucket } = {}) => r2Url(placeOf(key, { bucket })),
    head: async (key, { signal, bucket } = {}) => describe(placeOf(key, { bucket }), signal),
    async delete(key, { signal, bucket } = {}) {
      const place = placeOf(key, { bucket })
      await call(`delete ${key} from the bucket ${place.bucket}`, signal, (how) => client.send(new DeleteObjectCommand({ Bucket: place.bucket, Key: key }), how))
    },
    async *list(prefix, { signal, bucket } = {}) {
      const { bucket: Bucket } = placeOf('any', { bucket })
      let ContinuationToken: string | undefined
      do {
        const page = new ListObjectsV2Command({ Bucket, Prefix: prefix, ...(ContinuationToken !== undefined && { ContinuationToken }) })
        const { Contents = [], NextContinuationToken } = await call(`list ${prefix} in the bucket ${Bucket}`, signal, (how) => client.send(page, how))
        for (const { Key: key, Size: sizeBytes = 0 } of Contents) {
          if (key !== undefined) yield { key, url: r2Url({ bucket: Bucket, key }), bucket: Bucket, sizeBytes }
        }
        ContinuationToken = NextContinuationToken
      } while (ContinuationToken !== undefined)
    },
    async sign(url, { expiresInSeconds, method = 'GET', contentType }) {
      const { bucket: Bucket, key: Key } = requirePlace(url)
      if (!Number.isInteger(expiresInSeconds) || expiresInSeconds < 1 || expiresInSeconds > longestSeconds) {
        throw new TerminalError(`expiresInSeconds must be a whole number, 1 to ${longestSeconds}`)
      }
      if (method === 'GET') return getSignedUrl(client, new GetObjectCommand({ Bucket, Key }), { expiresIn: expiresInSeconds })
      const command = new PutObjectCommand({ Bucket, Key, ...(contentType !== undefined && { ContentType: contentType }) })
      return getSignedUrl(client, command, { expiresIn: expiresInSeconds, signableHeaders: new Set(['content-type']) })
    },
    publicUrl(url) {
      const { bucket, key } = requirePlace(url)
      return publicUrlBase !== undefined && bucket === ownBucket ? `${publicUrlBase}/${encodeKey(key)}` : undefined
    },
    close: () => client.destroy(),
  }
}
