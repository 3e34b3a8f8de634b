import type { Readable } from 'node:stream'
import { GetObjectCommand, HeadObjectCommand, type S3Client } from '@aws-sdk/client-s3'
import { TracksError } from '@track-orchestrator/registry'
import type { StoredObject } from '../storage.ts'
import { callS3 } from './s3-call.ts'
import { noAnswer, statusOf } from './s3-error.ts'
import type { S3Settings } from './s3-options.ts'
import { s3Url, type S3Place } from './s3-url.ts'

/** Says what lies at a place: nothing where the bucket is there and holds no such file. */
export type LookUp = (place: S3Place, signal: AbortSignal | undefined) => Promise<StoredObject | undefined>

/**
 * Looks files up by HEAD. A 404 to that has no body, and so does not say whether the file is not there or the whole bucket: the first
 * time in each bucket, GET is asked, too, which does. A bucket that is not there is a `ProviderError`.
 */
export function createLookUp(client: S3Client, { provider, scheme }: Pick<S3Settings, 'provider' | 'scheme'>): LookUp {
  const bucketsThere = new Set<string>()
  return async (place, signal) => {
    const attempt = { provider, what: `look up ${place.key} in the bucket ${place.bucket}` }
    const at = { Bucket: place.bucket, Key: place.key }
    try {
      const found = await callS3(attempt, signal, (how) => client.send(new HeadObjectCommand(at), how))
      const { ETag: etag, ContentLength: sizeBytes, ContentType: contentType, Metadata } = found
      if (!etag || sizeBytes === undefined) throw noAnswer(attempt, 'the answer has no ETag or no length: it is none about a file')
      bucketsThere.add(place.bucket)
      const sha256 = Metadata?.['sha256']
      return { ...place, url: s3Url(scheme, place), sizeBytes, ...(contentType !== undefined && { contentType }), ...(sha256 !== undefined && { sha256 }) }
    } catch (error) {
      if (!isNotFound(error)) throw error
    }
    if (bucketsThere.has(place.bucket)) return undefined
    await callS3(attempt, signal, async (how) => {
      const { Body } = await client.send(new GetObjectCommand({ ...at, Range: 'bytes=0-0' }), how)
      ;(Body as Readable | undefined)?.destroy()
    }).catch((error: unknown) => {
      if (!isNotFound(error) && statusOf(error) !== 416) throw error
    })
    bucketsThere.add(place.bucket)
    return undefined
  }
}

const isNotFound = (error: unknown): boolean => TracksError.is(error) && error.code === 'media/not_found'
