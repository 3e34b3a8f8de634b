import { checkStorageKey } from '../storage-key.ts'

/** Where an object lies. */
export interface S3Place {
  readonly bucket: string
  readonly key: string
}

/** How the URLs of a storage begin. */
export type S3Scheme = 's3' | 'r2'

/** `s3://bucket/a/b%20c`: each part of the key encoded as in any URL. */
export function s3Url(scheme: S3Scheme, { bucket, key }: S3Place): string {
  return `${scheme}://${bucket}/${encodeKey(key)}`
}

/** The key as the path of a URL. */
export function encodeKey(key: string): string {
  return key.split('/').map(encodeURIComponent).join('/')
}

/** What such a URL names. Undefined where it has another scheme, or its key is one that no storage gives. */
export function parseS3Url(scheme: S3Scheme, url: string): S3Place | undefined {
  const [, found, bucket, path] = /^(\w+):\/\/([^/?#]+)\/([^?#]+)$/.exec(url) ?? []
  if (found !== scheme || bucket === undefined || path === undefined) return undefined
  try {
    return { bucket, key: checkStorageKey(path.split('/').map(decodeURIComponent)) }
  } catch {
    return undefined
  }
}
