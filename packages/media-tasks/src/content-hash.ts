import { createHash } from 'node:crypto'
import { createReadStream, createWriteStream } from 'node:fs'
import { stat } from 'node:fs/promises'
import { addAbortSignal } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { TracksError } from '@track-orchestrator/registry'
import { stopError } from './ffmpeg/stop.ts'

/** SHA-256 of a file's content, in hex. Reads it once, a piece at a time. */
export async function sha256OfFile(path: string, signal?: AbortSignal): Promise<string> {
  const hash = createHash('sha256')
  const content = createReadStream(path, { highWaterMark: 1024 * 1024 })
  if (signal) addAbortSignal(signal, content)
  try {
    for await (const chunk of content) hash.update(chunk as Buffer)
  } catch (error) {
    throw signal?.aborted ? stopError(signal) : error
  }
  return hash.digest('hex')
}

/**
 * Copies a file to a path where nothing lies, and gives the SHA-256 of what was copied, in hex: it is read once for both. Throws a retryable
 * error where it is written to meanwhile.
 */
export async function copyWithSha256(path: string, target: string, signal: AbortSignal): Promise<string> {
  const hash = createHash('sha256')
  const before = await stat(path)
  const hashed = async function* (chunks: AsyncIterable<Buffer>) {
    for await (const chunk of chunks) {
      hash.update(chunk)
      yield chunk
    }
  }
  try {
    await pipeline(createReadStream(path, { highWaterMark: 1024 * 1024 }), hashed, createWriteStream(target, { flags: 'wx', mode: 0o600 }), { signal })
  } catch (error) {
    throw signal.aborted ? stopError(signal) : error
  }
  const after = await stat(path)
  if (before.size === after.size && before.mtimeMs === after.mtimeMs) return hash.digest('hex')
  throw new TracksError('The file was written to while it was being copied', { code: 'task_failed', retryable: true })
}
