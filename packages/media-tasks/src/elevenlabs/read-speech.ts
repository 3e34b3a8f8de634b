import { failed, type ProviderCall } from '../speech/call-provider.ts'

/** More than 15 minutes of PCM for one segment is no answer to it. */
const mostBytes = 15 * 60 * 24_000 * 2

/** All of the sound. Throws `ProviderError`, to be tried again, for what is no 16-bit PCM: a page of text, half a sample, nothing. */
export async function readSpeech(stream: ReadableStream<Uint8Array>, headers: Headers, call: ProviderCall): Promise<Uint8Array> {
  const contentType = headers.get('content-type') ?? ''
  if (/json|text|html|xml/i.test(contentType)) {
    await stream.cancel()
    throw failed(call, `answered with ${contentType} in place of sound`, 200)
  }
  const chunks: Uint8Array[] = []
  let size = 0
  for await (const chunk of stream) {
    chunks.push(chunk)
    size += chunk.byteLength
    if (size > mostBytes) throw failed(call, `answered with more than ${mostBytes} bytes for one segment`, 200)
  }
  if (size === 0) throw failed(call, 'answered with no sound at all', 200)
  if (size % 2 === 1) throw failed(call, `answered with half a sample at the end (${size} bytes): the sound is truncated, or no 16-bit PCM`, 200)
  return Buffer.concat(chunks)
}
