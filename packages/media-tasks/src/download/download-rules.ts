import { lookup } from 'node:dns/promises'
import { DefinitionError } from '@track-orchestrator/registry'
import { aFunction, checkOptions, durationMs, flag, text, wholeNumber, type RulesOf } from '@track-orchestrator/registry/options'

/** Finds the addresses of a host. Throws what `dns.lookup` would: an `Error` with a `code` such as `ENOTFOUND`. */
export type ResolveHost = (host: string) => Promise<readonly string[]>

/** How media are fetched from the web. Only addresses of the internet are ever connected to, unless `mayReach` says otherwise. */
export interface DownloadRules {
  /** Take `http:` too, as on an intranet. A redirect from `https:` to `http:` is refused even so. Default false. */
  readonly allowHttp: boolean
  /** Whether a private address may be connected to all the same. Asked for every address of a host. Default: none may. */
  readonly mayReach: (address: string, port: number) => boolean
  /** How many redirects are followed, 0 to 20. Default 5. */
  readonly maxRedirects: number
  /** Time to find a host and to connect to it, in milliseconds, 1 to 300,000. Default 15,000. */
  readonly connectMs: number
  /** How long nothing, or too little, may come, in milliseconds, 1 to 600,000. Default 30,000. */
  readonly stallMs: number
  /** What is too little, 0 to 1,000,000 bytes a second. Default 1,000. */
  readonly leastBytesPerSecond: number
  /** Time for the whole, redirects included, in milliseconds, 1 to 86,400,000. Default an hour. */
  readonly wholeMs: number
  /** Certificate authorities to trust instead of those of Node, in PEM. */
  readonly certificateAuthorities?: string
  /** Default: the system's resolver. */
  readonly resolveHost: ResolveHost
}

const defaults: DownloadRules = {
  allowHttp: false,
  mayReach: () => false,
  maxRedirects: 5,
  connectMs: 15_000,
  stallMs: 30_000,
  leastBytesPerSecond: 1_000,
  wholeMs: 3_600_000,
  resolveHost: async (host) => (await lookup(host, { all: true, verbatim: true })).map(({ address }) => address),
}

const rules: RulesOf<DownloadRules> = {
  allowHttp: flag,
  mayReach: aFunction,
  maxRedirects: wholeNumber({ from: 0, to: 20 }),
  connectMs: durationMs({ from: 1, to: 300_000 }),
  stallMs: durationMs({ from: 1, to: 600_000 }),
  leastBytesPerSecond: wholeNumber({ from: 0, to: 1_000_000 }),
  wholeMs: durationMs({ from: 1, to: 86_400_000 }),
  certificateAuthorities: text(),
  resolveHost: aFunction,
}

/** Rules as a person gives them: what is left out, or `undefined`, has its default. */
export type DownloadOptions = { readonly [Rule in keyof DownloadRules]?: DownloadRules[Rule] | undefined }

/** The rules with their defaults. Throws `DefinitionError` where one is out of its bounds, or of another name. */
export function downloadRules(options?: DownloadOptions): DownloadRules {
  const checked = checkOptions<Partial<DownloadRules>>('download', options as Partial<DownloadRules> | undefined, rules)
  const { mayReach } = checked
  // A promise would count as a yes to every address.
  return { ...defaults, ...checked, ...(mayReach && { mayReach: (address, port) => isYes(mayReach(address, port)) }) }
}

function isYes(answer: unknown): boolean {
  if (typeof answer === 'boolean') return answer
  throw new DefinitionError('download: mayReach must answer true or false at once, not a promise or anything else.')
}
