import { DefinitionError } from '@track-orchestrator/registry'

/** What every hosted service is told. */
export interface VendorOptions {
  /** From the service's console. Sent to the service, and shown to nobody. */
  readonly apiKey: string
  /** Another address of the service, such as its European one: `https://…`. Default: the service's usual one. */
  readonly baseUrl?: string | undefined
  /** How long one call may take, from the first byte sent to the last one received: 1,000 to 300,000 ms. */
  readonly timeoutMs?: number | undefined
}

/** Longest wait for an answer to begin that Node's `fetch` knows, in milliseconds. */
const longestMs = 300_000

/** Throws `DefinitionError` for what no call could be made with. Repeats neither key nor address. */
export function checkVendorOptions(create: string, { apiKey, baseUrl, timeoutMs }: VendorOptions): void {
  if (typeof apiKey !== 'string' || !/^[\x21-\x7e]{1,500}$/.test(apiKey)) {
    throw new DefinitionError(`${create} needs an apiKey: the text of the key, without spaces or line ends`)
  }
  if (baseUrl !== undefined && !isHttpUrl(baseUrl)) throw new DefinitionError(`${create} needs a baseUrl such as https://api.example.com: no user name, no query`)
  if (timeoutMs !== undefined && !(timeoutMs >= 1_000 && timeoutMs <= longestMs)) {
    throw new DefinitionError(`${create} needs a timeoutMs from 1,000 to ${longestMs.toLocaleString('en')}, got ${timeoutMs}`)
  }
}

function isHttpUrl(text: string): boolean {
  const url = URL.canParse(text) ? new URL(text) : undefined
  return url !== undefined && /^https?:$/.test(url.protocol) && url.username === '' && url.search === '' && url.hash === ''
}
