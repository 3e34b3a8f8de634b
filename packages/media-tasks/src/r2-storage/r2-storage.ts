import { checkOptions, text } from '@track-orchestrator/registry/options'
import { bucketRules, endpointRule, type S3BucketOptions } from '../s3-storage/s3-options.ts'
import { accountIdRule, r2, r2Endpoint } from '../s3-storage/s3-services.ts'
import { openS3Storage, type S3Storage } from '../s3-storage/s3-storage.ts'

export interface R2StorageOptions extends S3BucketOptions {
  /** The Cloudflare account, where `endpoint` is not given: `https://<accountId>.r2.cloudflarestorage.com`. */
  readonly accountId?: string | undefined
  /**
   * For a jurisdiction (`https://<accountId>.eu.r2.cloudflarestorage.com`) or another S3 service. `https`; `http` on loopback only. As
   * the dashboard shows it, with the bucket at its end, will do.
   */
  readonly endpoint?: string | undefined
  /** Of an R2 API token that may read and write objects of the bucket. */
  readonly accessKeyId: string
  readonly secretAccessKey: string
  /** Where everybody can read the bucket: its custom domain, or its `https://pub-….r2.dev`. Default: nobody can. */
  readonly publicUrlBase?: string | undefined
}

/** A storage in R2: it can sign URLs, and be closed. */
export type R2Storage = S3Storage

/** As R2 names them (developers.cloudflare.com/r2/buckets/create-buckets). */
const bucketName = text({ pattern: /^[a-z\d][a-z\d-]{1,61}[a-z\d]$/, what: 'a name of 3 to 63 small letters, digits and hyphens' })
const rules = { ...bucketRules(bucketName), accountId: accountIdRule, endpoint: endpointRule }

/**
 * A storage in a Cloudflare R2 bucket. Its URLs are `r2://bucket/key`, which this storage opens with its credentials, in any process:
 * they say where a file lies and open nothing by themselves. Nothing is asked of R2 here, and nothing of the environment.
 *
 * Throws `DefinitionError` for options that cannot be. Its methods throw as those of `createS3Storage` do.
 *
 * `putIfAbsent` sends a file of up to one part (8 MiB) with a condition that R2 keeps: of several, one creates. R2 has no such
 * condition on an upload in parts: for a larger file it is looked first, and of several that begin at once the last one stays.
 * Under a key made from the content's hash that is the same file.
 */
export function createR2Storage(options: R2StorageOptions): R2Storage {
  const { accountId, endpoint, ...bucketOptions } = checkOptions('createR2Storage', options, rules)
  return openS3Storage('createR2Storage', { ...r2, ...bucketOptions, endpoint: endpoint ?? r2Endpoint('createR2Storage', { accountId }) })
}
