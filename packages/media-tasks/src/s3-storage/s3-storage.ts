import { DeleteObjectCommand, GetObjectCommand, PutObjectCommand } from '@aws-sdk/client-s3'
import { getSignedUrl } from '@aws-sdk/s3-request-presigner'
import { redact, TerminalError } from '@track-orchestrator/registry'
import { checkOptions, oneOf, refuse, required, text, type Rule } from '@track-orchestrator/registry/options'
import { sha256OfFile } from '../content-hash.ts'
import { throwIfStopped } from '../ffmpeg/stop.ts'
import { checkStorageKey } from '../storage-key.ts'
import type { SignOptions, Storage, StorageOptions, StoredObject } from '../storage.ts'
import { downloadFile } from './download.ts'
import { listKeys } from './list-keys.ts'
import { createLookUp } from './look-up.ts'
import { callS3 } from './s3-call.ts'
import { createS3Client } from './s3-client.ts'
import { noAnswer, statusOf } from './s3-error.ts'
import { checkS3Options, type S3StorageOptions } from './s3-options.ts'
import { encodeKey, parseS3Url, s3Url, type S3Place } from './s3-url.ts'
import { inTurn } from './turns.ts'
import { uploadFile, type Upload } from './upload.ts'

/** A storage by S3's protocol: it can sign URLs, and be closed. */
export interface S3Storage extends Storage {
  sign(url: string, options: SignOptions): Promise<string>
  publicUrl(url: string): string | undefined
  /** Closes connections that are kept open for the next request. */
  close(): void
}

/**
 * A storage in a bucket of a service that speaks S3's protocol: `{ ...supabaseStorage({ … }), accessKeyId, secretAccessKey, bucket }`, as
 * well `cloudflareR2` and `amazonS3`, or endpoint and region of another. Its URLs are `s3://bucket/key` (R2's: `r2://`), which this
 * storage opens with its credentials, in any process: they say where a file lies and open nothing by themselves. Nothing is asked of
 * the service here, and nothing of the environment.
 *
 * Throws `DefinitionError` for options that cannot be. Its methods throw `ProviderError` where the service fails: retryable for broken
 * connections, 408, 409, 412, 429 and 5xx, each request having been sent three times by then; not for 401 and 403. Writes of one key
 * are sent one after the other. `putIfAbsent` is as sure as the service's `ifAbsent`.
 */
export function createS3Storage(options: S3StorageOptions): S3Storage {
  return openS3Storage('createS3Storage', options)
}

/** The longest that Signature Version 4 allows (docs.aws.amazon.com, "Authenticating Requests: Using Query Parameters"). */
const longestSeconds = 7 * 24 * 3_600
const seconds: Rule = {
  expects: `a whole number of seconds, 1 to ${longestSeconds} (7 days)`,
  check: (value, name) => (Number.isInteger(value) && (value as number) >= 1 && (value as number) <= longestSeconds ? value : refuse(name, seconds.expects, value)),
}
const signRules = { expiresInSeconds: required(seconds), method: oneOf('GET', 'PUT'), contentType: text() }

/** `owner`: who was called, as errors in the options name it. */
export function openS3Storage(owner: string, options: S3StorageOptions): S3Storage {
  const settings = checkS3Options(owner, options)
  const { bucket: ownBucket, buckets, publicUrlBase, provider, scheme } = settings
  const client = createS3Client(settings)
  const urlOf = (place: S3Place) => s3Url(scheme, place)

  const placeOf = (key: string, { bucket = ownBucket }: Pick<StorageOptions, 'bucket'> = {}): S3Place => {
    if (!buckets.has(bucket)) throw new TerminalError(`The bucket ${JSON.stringify(bucket)} is refused: this storage was told of ${[...buckets].join(', ')}`, { code: 'media/url_refused' })
    return { bucket, key: checkStorageKey(key.split('/')) }
  }
  const ownPlace = (url: string): S3Place | undefined => {
    const place = parseS3Url(scheme, url)
    return place && buckets.has(place.bucket) ? place : undefined
  }
  const requirePlace = (url: string): S3Place => {
    const place = ownPlace(url)
    if (!place) throw new TerminalError(`${redact(url)} may not be read: it is no ${scheme}://${ownBucket}/… URL of this storage`, { code: 'media/url_refused' })
    return place
  }
  const lookUp = createLookUp(client, settings)
  const writing = <Result>({ bucket, key }: S3Place, signal: AbortSignal | undefined, work: () => Promise<Result>) => inTurn(`${settings.endpoint} ${bucket}/${key}`, signal, work)
  const send = async (place: S3Place, file: Omit<Upload, keyof S3Place>): Promise<StoredObject> => {
    const { contentType, sha256 } = file
    const sizeBytes = await uploadFile(client, settings, { ...place, ...file })
    return { ...place, url: urlOf(place), sizeBytes, contentType, sha256 }
  }

  return {
    async put(key, filePath, { contentType, skipIfSame, signal, bucket, onProgress }) {
      const place = placeOf(key, { bucket })
      throwIfStopped(signal)
      const sha256 = await sha256OfFile(filePath, signal)
      return writing(place, signal, async () => {
        const there = skipIfSame ? await lookUp(place, signal) : undefined
        return there?.sha256 === sha256 && there.contentType === contentType ? there : send(place, { filePath, contentType, sha256, signal, onProgress })
      })
    },
    async putIfAbsent(key, filePath, { contentType, signal, bucket }) {
      const place = placeOf(key, { bucket })
      return writing(place, signal, async () => {
        const there = await lookUp(place, signal)
        if (there) return { ...there, created: false }
        const sha256 = await sha256OfFile(filePath, signal)
        try {
          return { ...(await send(place, { filePath, contentType, sha256, signal, ifAbsent: true })), created: true }
        } catch (error) {
          const winner = statusOf(error) === 412 ? await lookUp(place, signal) : undefined
          if (winner) return { ...winner, created: false }
          throw error
        }
      })
    },
    async fetchToFile(url, filePath, { signal, maxBytes, onProgress } = {}) {
      throwIfStopped(signal)
      await downloadFile(client, settings, { ...requirePlace(url), filePath, maxBytes, signal, onProgress })
    },
    owns: (url) => ownPlace(url) !== undefined,
    keyOf: (url) => ownPlace(url)?.key,
    urlOf: (key, { bucket } = {}) => urlOf(placeOf(key, { bucket })),
    head: async (key, { signal, bucket } = {}) => lookUp(placeOf(key, { bucket }), signal),
    async delete(key, { signal, bucket } = {}) {
      const place = placeOf(key, { bucket })
      const attempt = { provider, what: `delete ${key} from the bucket ${place.bucket}` }
      const { $metadata } = await callS3(attempt, signal, (how) => client.send(new DeleteObjectCommand({ Bucket: place.bucket, Key: key }), how))
      if ($metadata.httpStatusCode !== 204) throw noAnswer(attempt, `it answered ${$metadata.httpStatusCode} in place of 204`)
    },
    async *list(prefix, { signal, bucket } = {}) {
      const { bucket: Bucket } = placeOf('any', { bucket })
      const attempt = { provider, what: `list ${prefix} in the bucket ${Bucket}` }
      const keys = listKeys(Bucket, prefix, attempt, (page) => callS3(attempt, signal, (how) => client.send(page, how)))
      for await (const { key, sizeBytes } of keys) yield { key, url: urlOf({ bucket: Bucket, key }), bucket: Bucket, sizeBytes }
    },
    async sign(url, signOptions) {
      const { bucket: Bucket, key: Key } = requirePlace(url)
      const { expiresInSeconds, method = 'GET', contentType } = checkOptions('sign', signOptions, signRules)
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
