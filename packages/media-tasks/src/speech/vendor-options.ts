import { durationMs, refuse, required, text, type Rule, type RulesOf } from '@track-orchestrator/registry/options'

/** What every hosted service is told. */
export interface VendorOptions {
  /** From the service's console. Sent to the service, and shown to nobody. */
  readonly apiKey: string
  /** Another address of the service, such as its European one: `https://…`, with or without the paths of its API. Default: the service's usual one. */
  readonly baseUrl?: string | undefined
  /** How long one call may take, from the first byte sent to the last one received: 1,000 to 300,000 ms. */
  readonly timeoutMs?: number | undefined
}

/** A part of the API's own paths at the end of an address is taken off: it is added to each call. `https://api.example.com/v1/listen` is `https://api.example.com`. */
export const serviceAddress = (baseUrl: string, ownPath: RegExp): string => new URL(baseUrl).href.replace(/\/+$/, '').replace(ownPath, '').replace(/\/+$/, '')

/** Longest wait for an answer to begin that Node's `fetch` knows, in milliseconds. */
const longestMs = 300_000

/** Neither key nor address is shown: some hold passwords. */
const baseUrl: Rule = {
  expects: 'an address such as https://api.example.com, without user name or query',
  check: (value, name) => (isHttpUrl(value) ? value : refuse(name, baseUrl.expects, value, { secret: true })),
}

export const vendorRules: RulesOf<VendorOptions> = {
  apiKey: required(text({ pattern: /^[\x21-\x7e]{1,500}$/, what: 'the text of the key, without spaces or line ends', secret: true })),
  baseUrl,
  timeoutMs: durationMs({ from: 1_000, to: longestMs }),
}

function isHttpUrl(given: unknown): boolean {
  const url = typeof given === 'string' && URL.canParse(given) ? new URL(given) : undefined
  return url !== undefined && /^https?:$/.test(url.protocol) && url.username === '' && url.search === '' && url.hash === ''
}
