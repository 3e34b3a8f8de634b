import { Agent as HttpAgent, request as httpRequest, type ClientRequest, type IncomingMessage } from 'node:http'
import { Agent as HttpsAgent, request as httpsRequest } from 'node:https'
import { isIP, isIPv6, type LookupFunction } from 'node:net'
import type { TracksError } from '@track-orchestrator/registry'
import { codeOf } from '../error-code.ts'
import { stopError } from '../ffmpeg/stop.ts'
import { downloadFailed } from './download-failed.ts'
import type { DownloadRules } from './download-rules.ts'
import { findAddresses } from './find-addresses.ts'
import type { WebAddress } from './web-address.ts'

/** Most bytes of an answer's headers. */
const maxHeaderSize = 16 * 1_024

/**
 * Asks once for what lies at the address, and gives the answer with its body unread. Redirects are the caller's. Cookies, credentials
 * and proxies of the environment have no part in it. Throws `media/url_refused`, `media/download_failed` or the signal's reason.
 */
export async function askHost(address: WebAddress, rules: DownloadRules, signal: AbortSignal): Promise<IncomingMessage> {
  const { host, secure } = address
  let request: ClientRequest | undefined
  let timer: NodeJS.Timeout | undefined
  let release = () => {}
  let over = false
  try {
    return await new Promise<IncomingMessage>((resolve, reject) => {
      const within = (ms: number, what: string) => {
        clearTimeout(timer)
        timer = setTimeout(() => reject(downloadFailed(host, `it did not ${what} within ${ms / 1_000} s`, { retryable: true })), ms)
      }
      const stop = () => reject(stopError(signal))
      release = () => signal.removeEventListener('abort', stop)
      if (signal.aborted) return stop()
      signal.addEventListener('abort', stop, { once: true })

      within(rules.connectMs, 'let us connect')
      const ask = async () => {
        const addresses = await findAddresses(address, rules)
        if (over) return // the resolver took its time, and nobody waits any more
        request = open(address, addresses, rules)
        request.on('response', resolve)
        request.on('error', (error) => reject(brokenOff(host, error)))
        request.on('close', () => reject(downloadFailed(host, 'it closed the connection without an answer', { retryable: true })))
        request.on('socket', (socket) => socket.once(secure ? 'secureConnect' : 'connect', () => within(rules.stallMs, 'answer')))
        request.end()
      }
      ask().catch(reject)
    })
  } catch (error) {
    request?.on('error', () => {}) // it has been given up
    request?.destroy()
    throw error
  } finally {
    over = true
    clearTimeout(timer)
    release()
  }
}

function open({ url, secure, host, port }: WebAddress, addresses: readonly string[], { certificateAuthorities }: DownloadRules): ClientRequest {
  const options = {
    host,
    port,
    path: `${url.pathname}${url.search}`,
    headers: { host: url.host, accept: '*/*', 'accept-encoding': 'identity', 'user-agent': 'track-orchestrator', connection: 'close' },
    lookup: lookupIn(addresses),
    maxHeaderSize,
    insecureHTTPParser: false,
  }
  if (!secure) return httpRequest({ ...options, agent: new HttpAgent({ keepAlive: false }) })
  return httpsRequest({
    ...options,
    agent: new HttpsAgent({ keepAlive: false }),
    rejectUnauthorized: true,
    ...(isIP(host) === 0 && { servername: host }),
    ...(certificateAuthorities !== undefined && { ca: certificateAuthorities }),
  })
}

/** Knows the addresses that were checked, and no others. */
function lookupIn(addresses: readonly string[]): LookupFunction {
  const found = addresses.map((address) => ({ address, family: isIPv6(address) ? 6 : 4 }))
  return (_host, { all }, callback) => {
    if (all) callback(null, found)
    else callback(null, found[0]!.address, found[0]!.family)
  }
}

/** A fault of the connection, by its code only. */
export function brokenOff(host: string, error: unknown): TracksError {
  const code = codeOf(error)
  // A certificate or a protocol that is wrong stays wrong.
  const retryable = !/^(?:ERR_TLS|ERR_SSL|EPROTO|CERT_|DEPTH_ZERO|SELF_SIGNED|UNABLE_TO|HPE_|HOSTNAME_)/.test(code)
  return downloadFailed(host, `the connection failed (${code})`, { retryable })
}
