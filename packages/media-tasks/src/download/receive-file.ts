import { open, rm } from 'node:fs/promises'
import type { IncomingMessage } from 'node:http'
import { pipeline } from 'node:stream/promises'
import { TerminalError, TracksError } from '@track-orchestrator/registry'
import { codeOf } from '../error-code.ts'
import { stopError } from '../ffmpeg/stop.ts'
import type { OnBytes } from '../storage.ts'
import { brokenOff } from './ask-host.ts'
import { downloadFailed } from './download-failed.ts'
import type { DownloadRules } from './download-rules.ts'

export interface ReceiveOptions extends Pick<DownloadRules, 'stallMs' | 'leastBytesPerSecond'> {
  readonly signal: AbortSignal
  /** Most bytes to take. */
  readonly sizeBytes: number
  readonly onProgress?: OnBytes | undefined
}

/** The disk's own troubles, which may pass (errno(3)). */
const diskCodes: ReadonlySet<string> = new Set(['ENOSPC', 'EDQUOT', 'EIO', 'EMFILE', 'ENFILE'])

/**
 * Writes an answer's body to a new file that only its owner may read, whole or not at all. Throws `media/too_large` as soon as that
 * is known, and `media/download_failed` for bodies that are cut short, compressed or too slow.
 */
export async function receiveFile(answer: IncomingMessage, host: string, filePath: string, options: ReceiveOptions): Promise<void> {
  const { signal, sizeBytes, stallMs, leastBytesPerSecond, onProgress } = options
  if (isEncoded(answer)) throw downloadFailed(host, 'it sends the file compressed, though we asked for it as it is', { retryable: false })
  const announced = announcedBytes(answer)
  if (announced !== undefined && announced > sizeBytes) throw tooLarge(host, `${announced} bytes`, sizeBytes)

  const file = await open(filePath, 'wx', 0o600).catch((error: unknown) => fail(notWritten(host, error)))
  let received = 0
  let looked = 0
  let stalled: TracksError | undefined
  const ending = new AbortController()
  const watch = setInterval(() => {
    const least = Math.max(1, (leastBytesPerSecond * stallMs) / 1_000)
    if (received - looked < least) {
      stalled = downloadFailed(host, `it sent only ${received - looked} bytes in ${stallMs / 1_000} s`, { retryable: true })
      ending.abort()
    }
    looked = received
  }, stallMs)
  try {
    const count = async function* (chunks: AsyncIterable<Buffer>) {
      for await (const chunk of chunks) {
        received += chunk.length
        if (received > sizeBytes) throw tooLarge(host, 'more', sizeBytes)
        onProgress?.(received, announced)
        yield chunk
      }
    }
    await pipeline(answer, count, file.createWriteStream(), { signal: AbortSignal.any([signal, ending.signal]) })
    if (!answer.complete || (announced !== undefined && announced !== received)) throw cutShort(host, received, announced)
  } catch (error) {
    await rm(filePath, { force: true })
    if (signal.aborted) throw stopError(signal)
    if (stalled) throw stalled
    if (TracksError.is(error)) throw error
    if (diskCodes.has(codeOf(error))) throw notWritten(host, error)
    throw answer.complete ? brokenOff(host, error) : cutShort(host, received, announced)
  } finally {
    clearInterval(watch)
    answer.destroy()
  }
}

/** The content as such (RFC 9110, 8.4), or its way here (RFC 9112, 7): Node undoes `chunked` and nothing else. */
function isEncoded({ headers }: IncomingMessage): boolean {
  const codings = [headers['content-encoding'], headers['transfer-encoding']].flatMap((header) => (header ?? '').toLowerCase().split(','))
  return codings.some((coding) => !['', 'identity', 'chunked'].includes(coding.trim()))
}

function fail(error: TracksError): never {
  throw error
}

function notWritten(host: string, error: unknown): TracksError {
  return downloadFailed(host, `it could not be written here (${codeOf(error)})`, { retryable: diskCodes.has(codeOf(error)) })
}

function announcedBytes({ headers }: IncomingMessage): number | undefined {
  const text = headers['content-length']
  return text === undefined || headers['transfer-encoding'] !== undefined ? undefined : Number(text)
}

function tooLarge(host: string, has: string, sizeBytes: number): TerminalError {
  return new TerminalError(`The file from ${host} has ${has}; the limit here is ${sizeBytes} bytes`, { code: 'media/too_large' })
}

function cutShort(host: string, received: number, announced: number | undefined): TracksError {
  const of = announced === undefined ? '' : ` of ${announced}`
  return downloadFailed(host, `it was cut short after ${received}${of} bytes`, { retryable: true })
}
