import { isIP } from 'node:net'
import { TerminalError } from '@track-orchestrator/registry'
import { codeOf } from '../error-code.ts'
import { downloadFailed } from './download-failed.ts'
import type { DownloadRules } from './download-rules.ts'
import { isPublicAddress } from './public-address.ts'
import type { WebAddress } from './web-address.ts'

/** How many of a host's addresses are tried. */
const tried = 8

/**
 * The addresses to connect to: all that the host has, if each of them may be reached. What is found here is what is connected to,
 * so that a second, other answer of the DNS can do nothing. Throws `media/url_refused`, `media/download_failed`.
 */
export async function findAddresses({ host, port }: WebAddress, rules: Pick<DownloadRules, 'resolveHost' | 'mayReach'>): Promise<string[]> {
  const addresses = isIP(host) === 0 ? await resolve(host, rules) : [host]
  if (addresses.length === 0) throw downloadFailed(host, 'the host has no address', { retryable: false })
  if (addresses.every((address) => isIP(address) !== 0 && (isPublicAddress(address) || rules.mayReach(address, port)))) return addresses.slice(0, tried)
  // Which one it is, stays here: the names and addresses of a private network are nobody's business.
  throw new TerminalError(`A file from ${host} is refused: the host leads to an address that is not public`, { code: 'media/url_refused' })
}

async function resolve(host: string, { resolveHost }: Pick<DownloadRules, 'resolveHost'>): Promise<readonly string[]> {
  try {
    return await resolveHost(host)
  } catch (error) {
    const code = codeOf(error)
    throw downloadFailed(host, `the host was not found (${code})`, { retryable: code !== 'ENOTFOUND' && code !== 'ENODATA' })
  }
}
