import { createHash } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { addAbortSignal } from 'node:stream'
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
