import { checkOptions, oneOf, required, text } from '@track-orchestrator/registry/options'
import { DefinitionError } from '@track-orchestrator/registry'
import { endpointRule, type S3Service } from './s3-options.ts'

export interface CloudflareR2Options {
  /** The Cloudflare account, where `endpoint` is not given: 32 letters and digits. */
  readonly accountId?: string | undefined
  /** Where the bucket was made for one, with `accountId`: `eu`, `fedramp`. Default: none. */
  readonly jurisdiction?: 'eu' | 'fedramp' | undefined
  /** As the dashboard shows it, with or without the bucket at its end: `https://<accountId>.r2.cloudflarestorage.com/<bucket>`. */
  readonly endpoint?: string | undefined
}

const accountId = text({ pattern: /^[a-z\d]{1,64}$/i, what: "Cloudflare's account id, letters and digits only, not its whole address" })

/** Cloudflare R2, for `createS3Storage`. Its URLs begin with `r2://`. Throws `DefinitionError`. */
export function cloudflareR2(options: CloudflareR2Options): S3Service & { readonly endpoint: string } {
  const given = checkOptions('cloudflareR2', options, { accountId, jurisdiction: oneOf('eu', 'fedramp'), endpoint: endpointRule })
  return { ...r2, endpoint: given.endpoint ?? r2Endpoint('cloudflareR2', given) }
}

/** What is the same for every account. R2 knows no condition on an upload in parts. */
export const r2 = { region: 'auto', pathStyle: true, provider: 'Cloudflare R2', scheme: 'r2', ifAbsent: 'whole' } as const

/** The rule for `accountId` wherever it is given. */
export { accountId as accountIdRule }

export function r2Endpoint(owner: string, { accountId: id, jurisdiction }: Pick<CloudflareR2Options, 'accountId' | 'jurisdiction'>): string {
  if (id === undefined) throw new DefinitionError(`${owner}: accountId is required where no endpoint is given: give ${accountId.expects}.`)
  return `https://${id}${jurisdiction === undefined ? '' : `.${jurisdiction}`}.r2.cloudflarestorage.com`
}

export interface SupabaseStorageOptions {
  /** Of the project, where `endpoint` is not given: the 20 letters in its URL. */
  readonly projectRef?: string | undefined
  /** As Storage, S3 configuration, shows it: `https://<ref>.storage.supabase.co/storage/v1/s3`; locally `http://127.0.0.1:54321/storage/v1/s3`. */
  readonly endpoint?: string | undefined
  /** As shown beside the endpoint: `eu-central-1`; locally `local`. */
  readonly region: string
}

/**
 * Supabase Storage, for `createS3Storage`. The keys are those of Storage, S3 access keys, and open every bucket past its policies; or
 * the project's ref, its anon key, and a user's token as `sessionToken`, with the user's rights. Throws `DefinitionError`.
 */
export function supabaseStorage(options: SupabaseStorageOptions): S3Service {
  const given = checkOptions('supabaseStorage', options, {
    projectRef: text({ pattern: /^[a-z\d]{1,64}$/, what: "the project's ref, letters and digits only" }),
    endpoint: endpointRule,
    region: required(text()),
  })
  if (given.endpoint === undefined && given.projectRef === undefined) throw new DefinitionError('supabaseStorage: projectRef is required where no endpoint is given.')
  // The host of the storage alone takes large uploads better (supabase.com/docs/guides/storage/s3/authentication).
  const { endpoint = `https://${given.projectRef}.storage.supabase.co/storage/v1/s3`, region } = given
  return { endpoint, region, pathStyle: true, provider: 'Supabase Storage', ifAbsent: 'never' }
}

export interface AmazonS3Options {
  /** Where the bucket lies: `eu-central-1`. */
  readonly region: string
}

/** Amazon S3, for `createS3Storage`. Throws `DefinitionError`. */
export function amazonS3(options: AmazonS3Options): S3Service {
  const { region } = checkOptions('amazonS3', options, { region: required(text({ pattern: /^[a-z]{2}(?:-[a-z]+)+-\d{1,2}$/, what: 'the name of a region, such as eu-central-1' })) })
  const domain = region.startsWith('cn-') ? 'amazonaws.com.cn' : 'amazonaws.com'
  return { endpoint: `https://s3.${region}.${domain}`, region, pathStyle: false, provider: 'Amazon S3', ifAbsent: 'always' }
}
