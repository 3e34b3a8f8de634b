import { lookup } from 'node:dns/promises'
import { checkBounds } from '../bounds.ts'

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

const bounds = {
  maxRedirects: [0, 20],
  connectMs: [1, 300_000],
  stallMs: [1, 600_000],
  leastBytesPerSecond: [0, 1_000_000],
  wholeMs: [1, 86_400_000],
} as const

/** The rules with their defaults. Throws `definition_invalid` where one is out of its bounds. */
export function downloadRules(options: Partial<DownloadRules> = {}): DownloadRules {
  const given = Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined))
  const rules: DownloadRules = { ...defaults, ...given }
  checkBounds('download', rules, bounds)
  return rules
}
