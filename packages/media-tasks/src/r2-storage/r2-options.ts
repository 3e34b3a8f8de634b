import { TerminalError } from '@track-orchestrator/registry'

export interface R2StorageOptions {
  /** The Cloudflare account, where `endpoint` is not given: `https://<accountId>.r2.cloudflarestorage.com`. */
  readonly accountId?: string | undefined
  /** For a jurisdiction (`https://<accountId>.eu.r2.cloudflarestorage.com`) or another S3 service. `https`; `http` on loopback only. */
  readonly endpoint?: string | undefined
  /** Of an R2 API token that may read and write objects of the bucket. */
  readonly accessKeyId: string
  readonly secretAccessKey: string
  /** Where everything goes that names no other bucket. */
  readonly bucket: string
  /** Other buckets that a call or a URL may name. Default: none. */
  readonly otherBuckets?: readonly string[] | undefined
  /** Where everybody can read the bucket: its custom domain, or its `https://pub-….r2.dev`. Default: nobody can. */
  readonly publicUrlBase?: string | undefined
  /** Bytes of one part of an upload, and of one range of a download, 5 MiB to 1 GiB. Default 8 MiB. More where 10,000 parts are too few. */
  readonly partSizeBytes?: number | undefined
  /** Parts or ranges of one file on their way at once, 1 to 32. An upload holds each in memory. Default 4. */
  readonly concurrency?: number | undefined
  /** A connection on which nothing moves for so long has failed. Default 30,000 ms. */
  readonly stallTimeoutMs?: number | undefined
}

export interface R2Settings {
  readonly endpoint: string
  readonly bucket: string
  readonly buckets: ReadonlySet<string>
  readonly publicUrlBase: string | undefined
  readonly partSizeBytes: number
  readonly concurrency: number
  readonly stallTimeoutMs: number
}

const mebibyte = 1024 ** 2
/** As R2 names them (developers.cloudflare.com/r2/buckets/create-buckets). */
const bucketName = /^[a-z\d][a-z\d-]{1,61}[a-z\d]$/

/** Checks the options and fills in defaults. Throws `TerminalError` that names the option, never its value. */
export function checkR2Options(options: R2StorageOptions): R2Settings {
  const { accountId, accessKeyId, secretAccessKey, bucket, otherBuckets = [], publicUrlBase } = options
  const { partSizeBytes = 8 * mebibyte, concurrency = 4, stallTimeoutMs = 30_000 } = options
  const check = (holds: boolean, name: string, advice: string) => {
    if (!holds) throw new TerminalError(`createR2Storage: ${name} ${advice}`)
  }
  check(options.endpoint !== undefined || /^[a-z\d]+$/i.test(accountId ?? ''), 'accountId', "must be Cloudflare's account id, letters and digits, where no endpoint is given")
  const endpoint = options.endpoint ?? `https://${accountId}.r2.cloudflarestorage.com`
  check(isSafeEndpoint(endpoint), 'endpoint', 'must be an https URL without user name or query (http on loopback only)')
  for (const [name, value] of Object.entries({ accessKeyId, secretAccessKey })) check(/^\S+$/.test(value ?? ''), name, 'is missing, or has spaces in it')
  for (const name of [bucket, ...otherBuckets]) check(bucketName.test(name ?? ''), 'bucket', 'must be 3-63 small letters, digits and hyphens')
  check(publicUrlBase === undefined || isHttps(publicUrlBase), 'publicUrlBase', 'must be an https URL without query')
  check(Number.isInteger(partSizeBytes) && partSizeBytes >= 5 * mebibyte && partSizeBytes <= 1024 * mebibyte, 'partSizeBytes', 'must be 5 MiB to 1 GiB')
  check(Number.isInteger(concurrency) && concurrency >= 1 && concurrency <= 32, 'concurrency', 'must be 1 to 32')
  check(Number.isInteger(stallTimeoutMs) && stallTimeoutMs >= 1, 'stallTimeoutMs', 'must be a whole number of milliseconds')
  return {
    ...{ endpoint, bucket, partSizeBytes, concurrency, stallTimeoutMs },
    buckets: new Set([bucket, ...otherBuckets]),
    publicUrlBase: publicUrlBase?.replace(/\/+$/, ''),
  }
}

function isHttps(text: string): boolean {
  const url = URL.canParse(text) ? new URL(text) : undefined
  return url?.protocol === 'https:' && url.username === '' && url.password === '' && url.search === '' && url.hash === ''
}

function isSafeEndpoint(text: string): boolean {
  const loopback = /^http:\/\/(?:127\.0\.0\.1|localhost|\[::1\])(?=[:/]|$)/i
  return isHttps(text) || (loopback.test(text) && isHttps(text.replace(/^http:/i, 'https:')))
}
