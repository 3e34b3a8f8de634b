import { failed, type ProviderCall } from '../speech/call-provider.ts'
import { mostSecondsFor } from '../speech/heard-as-speech.ts'
import { noRawSound } from '../speech/no-raw-sound.ts'

/** More than 15 minutes of PCM for one segment is no answer to it, however long the text. */
const mostSeconds = 15 * 60
/** What raw sound is called, where it is called anything. */
const rawTypes = /^(?:audio\/(?:pcm|x-pcm|raw|x-raw|l16)|(?:application|binary)\/octet-stream)$/

/**
 * All of the sound. Throws `ProviderError`, to be tried again, for what is not the raw sound that was asked for: other sound by its type
 * or its first bytes, a page of text, another rate, half a sample, nothing, or far more than the text takes.
 */
export async function readSpeech(stream: ReadableStream<Uint8Array>, headers: Headers, call: ProviderCall, text: string, sampleRateHz = 24_000): Promise<Uint8Array> {
  const contentType = headers.get('content-type') ?? ''
  if (!isRawSound(contentType, sampleRateHz)) {
    await stream.cancel()
    throw failed(call, `answered with ${contentType} in place of sound as it was asked for (raw, 16 bits, ${sampleRateHz} Hz, one channel)`, 200)
  }
  const mostBytes = Math.ceil(Math.min(mostSeconds, mostSecondsFor(text))) * sampleRateHz * 2
  const chunks: Uint8Array[] = []
  let size = 0
  for await (const chunk of stream) {
    chunks.push(chunk)
    size += chunk.byteLength
    if (size > mostBytes) throw failed(call, `answered with more than ${mostBytes} bytes for one segment of ${text.length} characters`, 200)
  }
  const bytes = Buffer.concat(chunks)
  if (size === 0) throw failed(call, 'answered with no sound at all', 200)
  const other = noRawSound(bytes)
  if (other !== undefined) throw failed(call, `answered with ${other} in place of raw sound (it is called ${contentType === '' ? 'nothing' : contentType})`, 200)
  if (size % 2 === 1) throw failed(call, `answered with half a sample at the end (${size} bytes): the sound is truncated, or no 16-bit PCM`, 200)
  return bytes
}

function isRawSound(contentType: string, sampleRateHz: number): boolean {
  const [type = '', ...parameters] = contentType.toLowerCase().split(';').map((part) => part.trim())
  if (type !== '' && !rawTypes.test(type)) return false
  const said = Object.fromEntries(parameters.map((part) => part.split('=').map((side) => side.trim()))) as Readonly<Record<string, string>>
  return Number(said['rate'] ?? sampleRateHz) === sampleRateHz && Number(said['channels'] ?? 1) === 1
}
