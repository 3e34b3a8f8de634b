import { checkStorageKey } from '../storage-key.ts'

/** Where an object lies. */
export interface R2Place {
  readonly bucket: string
  readonly key: string
}

/** `r2://bucket/a/b%20c`: each part of the key encoded as in any URL. */
export function r2Url({ bucket, key }: R2Place): string {
  return `r2://${bucket}/${encodeKey(key)}`
}

/** The key as the path of a URL. */
export function encodeKey(key: string): string {
  return key.split('/').map(encodeURIComponent).join('/')
}

/** What an `r2://` URL names. Undefined where it is none, or its key one that no storage gives. */
export function parseR2Url(url: string): R2Place | undefined {
  const [, bucket, path] = /^r2:\/\/([^/?#]+)\/([^?#]+)$/.exec(url) ?? []
  if (bucket === undefined || path === undefined) return undefined
  try {
    return { bucket, key: checkStorageKey(path.split('/').map(decodeURIComponent)) }
  } catch {
    return undefined
  }
}
