import type { IncomingMessage } from 'node:http'
import { TerminalError, type TracksError } from '@track-orchestrator/registry'
import { stopError } from '../ffmpeg/stop.ts'
import type { OnBytes } from '../storage.ts'
import { askHost } from './ask-host.ts'
import { downloadFailed } from './download-failed.ts'
import type { DownloadRules } from './download-rules.ts'
import { receiveFile } from './receive-file.ts'
import { readWebAddress, webName, type WebAddress } from './web-address.ts'

export interface DownloadFileOptions {
  readonly rules: DownloadRules
  /** Most bytes to take. */
  readonly sizeBytes: number
  readonly signal?: AbortSignal | undefined
  /** Told as bytes arrive. */
  readonly onProgress?: OnBytes | undefined
}

/**
 * Fetches a file from the web, whole or not at all, to a path where nothing lies. Each address on the way is checked before it is
 * connected to. Throws `media/url_refused`, `media/too_large`, `media/not_found`, `media/download_failed` or the signal's reason;
 * messages name hosts, never paths or queries.
 */
export async function downloadFile(text: string, filePath: string, { rules, sizeBytes, signal, onProgress }: DownloadFileOptions): Promise<void> {
  const whole = new AbortController()
  const timer = setTimeout(() => {
    whole.abort(new TerminalError(`${webName(text)} took longer to fetch than the ${rules.wholeMs / 1_000} s it may take`, { code: 'media/download_failed' }))
  }, rules.wholeMs)
  const either = signal ? AbortSignal.any([signal, whole.signal]) : whole.signal
  try {
    const { answer, address } = await follow(readWebAddress(text, rules), rules, either)
    try {
      requireFile(answer, address)
      await receiveFile(answer, address.host, filePath, { ...rules, sizeBytes, signal: either, onProgress })
    } finally {
      answer.destroy()
    }
  } catch (error) {
    throw either.aborted ? stopError(either) : error
  } finally {
    clearTimeout(timer)
  }
}

/** Asks, and asks again where it is sent, a few times at most. */
async function follow(first: WebAddress, rules: DownloadRules, signal: AbortSignal): Promise<{ answer: IncomingMessage; address: WebAddress }> {
  let address = first
  for (let redirects = 0; ; redirects++) {
    const answer = await askHost(address, rules, signal)
    if (!isRedirect(answer)) return { answer, address }
    answer.on('error', () => {}) // its body is nobody's business
    answer.destroy()
    if (redirects === rules.maxRedirects) {
      throw new TerminalError(`A file from ${first.host} is refused: it redirects more than ${rules.maxRedirects} times`, { code: 'media/url_refused' })
    }
    // Headers are read as Latin-1, whatever the server meant.
    const location = Buffer.from(answer.headers.location ?? '', 'latin1').toString('utf8')
    address = readWebAddress(location, { allowHttp: rules.allowHttp, from: address })
  }
}

function isRedirect({ statusCode, headers }: IncomingMessage): boolean {
  return [301, 302, 303, 307, 308].includes(statusCode ?? 0) && headers.location !== undefined
}

function requireFile({ statusCode = 0 }: IncomingMessage, { host }: WebAddress): void {
  if (statusCode === 200) return
  if (statusCode === 404 || statusCode === 410) throw new TerminalError(`There is no such file at ${host} (HTTP ${statusCode})`, { code: 'media/not_found' })
  throw answered(host, statusCode)
}

function answered(host: string, statusCode: number): TracksError {
  const advice = statusCode === 401 || statusCode === 403 ? ': it may not be read without a key, or its signed address has expired' : ''
  const retryable = [408, 425, 429].includes(statusCode) || statusCode >= 500
  return downloadFailed(host, `the answer was HTTP ${statusCode}${advice}`, { retryable })
}
