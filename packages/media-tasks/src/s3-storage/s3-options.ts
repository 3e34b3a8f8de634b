import { checkOptions, durationMs, flag, oneOf, refuse, required, text, wholeNumber, type Rule, type RulesOf } from '@track-orchestrator/registry/options'
import type { S3Scheme } from './s3-url.ts'

/** What every storage by S3's protocol is told. */
export interface S3BucketOptions {
  readonly accessKeyId: string
  readonly secretAccessKey: string
  /** Where everything goes that names no other bucket. */
  readonly bucket: string
  /** Other buckets that a call or a URL may name. Default: none. */
  readonly otherBuckets?: readonly string[] | undefined
  /** Where everybody can read the bucket: `https://…`, without query. Default: nobody can. */
  readonly publicUrlBase?: string | undefined
  /** Bytes of one part of an upload, and of one range of a download, 5 MiB to 1 GiB. Default 8 MiB. More where 10,000 parts are too few. */
  readonly partSizeBytes?: number | undefined
  /** Parts or ranges of one file on their way at once, 1 to 32. An upload holds each in memory. Default 4. */
  readonly concurrency?: number | undefined
  /** A connection on which nothing, or next to nothing, moves for so long has failed. Default 30,000 ms. */
  readonly stallTimeoutMs?: number | undefined
}

/** Which service, and how it wants to be spoken to: what `cloudflareR2`, `supabaseStorage` and `amazonS3` give. */
export interface S3Service {
  /** `https://…`; `http` on loopback only. Without the bucket. */
  readonly endpoint: string
  /** `eu-central-1`; `auto` for R2. */
  readonly region: string
  /** Whether the bucket stands in the path (`https://host/bucket/key`, the default), not before the host. */
  readonly pathStyle?: boolean | undefined
  /** As messages name it. Default `S3`. */
  readonly provider?: string | undefined
  /** How its URLs begin, `s3` (default) or `r2`. */
  readonly scheme?: S3Scheme | undefined
  /**
   * Which uploads the service makes only where nothing lies yet: `never` (default), those of one part (`whole`), or `always`. Where it
   * does not, `putIfAbsent` looks first.
   */
  readonly ifAbsent?: 'never' | 'whole' | 'always' | undefined
}

export interface S3StorageOptions extends S3Service, S3BucketOptions {
  /** Of credentials that end by themselves (AWS STS), or a user's token at Supabase. Default: none. */
  readonly sessionToken?: string | undefined
}

/** The options with their defaults. */
export interface S3Settings {
  readonly endpoint: string
  readonly region: string
  readonly pathStyle: boolean
  readonly provider: string
  readonly scheme: S3Scheme
  readonly ifAbsent: 'never' | 'whole' | 'always'
  readonly credentials: { readonly accessKeyId: string; readonly secretAccessKey: string; readonly sessionToken?: string }
  readonly bucket: string
  readonly buckets: ReadonlySet<string>
  readonly publicUrlBase: string | undefined
  readonly partSizeBytes: number
  readonly concurrency: number
  readonly stallTimeoutMs: number
}

const mebibyte = 1024 ** 2
const secret = text({ pattern: /^[\x21-\x7e]+$/, what: 'the text of a key, without spaces or line ends', maxLength: 10_000, secret: true })

/** A URL without a fault: one is told with advice, or none (`''`). It is not shown: people paste such with keys in them. */
function url(expects: string, faultOf: (given: URL) => string | undefined): Rule {
  return {
    expects,
    check(value, name) {
      const fault = typeof value === 'string' && URL.canParse(value) ? faultOf(new URL(value)) : ''
      return fault === undefined ? value : refuse(name, expects, value, { secret: true, advice: fault })
    },
  }
}

const isBare = ({ username, password, search, hash }: URL) => `${username}${password}${search}${hash}` === ''
const isLoopback = ({ hostname }: URL) => /^(?:127\.0\.0\.1|localhost|\[::1\])$/i.test(hostname)

/** The address of a service, as far as it can be told before the bucket is known. */
export const endpointRule: Rule = url('an https URL without user name or query (http on loopback only)', (given) => {
  if (!isBare(given) || (given.protocol !== 'https:' && !(given.protocol === 'http:' && isLoopback(given)))) return ''
  if (/(?:^|\.)dash\.cloudflare\.com$|^(?:www\.)?supabase\.com$|console\.aws\.amazon\.com$/.test(given.hostname)) return 'That is a dashboard. Give the S3 endpoint that it shows.'
  if (given.hostname.endsWith('.r2.dev')) return 'That is where everybody reads the bucket: give it as publicUrlBase.'
  return undefined
})

/** Messages say that it is a bucket: the list stands beside the one that everything goes to. */
const bucketList = (names: Rule): Rule => ({
  expects: 'a list of buckets',
  check: (value, name) => (Array.isArray(value) ? value.map((item, place) => names.check(item, name.replace('otherBuckets', `bucket otherBuckets[${place}]`))) : refuse(name, 'a list of buckets', value)),
})

/** `names`: what buckets may be called there. */
export function bucketRules(names: Rule): RulesOf<S3BucketOptions> {
  return {
    accessKeyId: required(secret),
    secretAccessKey: required(secret),
    bucket: required(names),
    otherBuckets: bucketList(names),
    publicUrlBase: url('an https URL without query', (given) => (given.protocol === 'https:' && isBare(given) ? undefined : '')),
    partSizeBytes: wholeNumber({ from: 5 * mebibyte, to: 1024 * mebibyte }),
    concurrency: wholeNumber({ from: 1, to: 32 }),
    stallTimeoutMs: durationMs({ from: 1 }),
  }
}

const rules: RulesOf<S3StorageOptions> = {
  // Letters of either case and dots: Supabase and old buckets of Amazon's have such. Never what could be another path.
  ...bucketRules(text({ pattern: /^(?!.*\.\.)[a-z\d][\w.-]{1,61}[a-z\d]$/i, what: 'a name of 3 to 63 letters, digits, hyphens and dots' })),
  endpoint: required(endpointRule),
  region: required(text({ pattern: /^[a-z\d-]{1,50}$/, what: 'the name of a region, such as eu-central-1' })),
  pathStyle: flag,
  provider: text({ maxLength: 50 }),
  scheme: oneOf('s3', 'r2'),
  ifAbsent: oneOf('never', 'whole', 'always'),
  sessionToken: secret,
}

/** Checks the options and fills in defaults. Throws `DefinitionError` that names `owner` and the option, never a key. */
export function checkS3Options(owner: string, options: S3StorageOptions): S3Settings {
  const { accessKeyId, secretAccessKey, sessionToken, otherBuckets = [], ...checked } = checkOptions(owner, options, rules)
  return {
    ...{ pathStyle: true, provider: 'S3', scheme: 's3', ifAbsent: 'never', partSizeBytes: 8 * mebibyte, concurrency: 4, stallTimeoutMs: 30_000 },
    ...checked,
    endpoint: withoutBucket(`${owner}: endpoint`, checked.endpoint, checked.bucket),
    credentials: { accessKeyId, secretAccessKey, ...(sessionToken !== undefined && { sessionToken }) },
    buckets: new Set([checked.bucket, ...otherBuckets]),
    publicUrlBase: checked.publicUrlBase?.replace(/\/+$/, ''),
  }
}

/**
 * Dashboards show the endpoint with the bucket in it. R2's has no other path, so that the bucket is taken off; elsewhere it is refused,
 * for a path may be part of the endpoint, as Supabase's is.
 */
function withoutBucket(name: string, endpoint: string, bucket: string): string {
  const { hostname, pathname, origin } = new URL(endpoint)
  const path = decodeURIComponent(pathname).replace(/\/+$/, '')
  const expects = "the service's address without a bucket"
  if (hostname.startsWith(`${bucket}.`) && /\.(?:r2\.cloudflarestorage|amazonaws)\.com(?:\.cn)?$/.test(hostname)) refuse(name, expects, endpoint, { secret: true, advice: `Leave out "${bucket}." before the host.` })
  if (hostname.endsWith('.r2.cloudflarestorage.com')) {
    if (path === '' || path === `/${bucket}`) return origin
    refuse(name, expects, endpoint, { secret: true, advice: 'Leave out all that follows the host.' })
  }
  if (path.endsWith(`/${bucket}`)) refuse(name, expects, endpoint, { secret: true, advice: `Leave out "/${bucket}" at its end.` })
  return endpoint.replace(/\/+$/, '')
}
