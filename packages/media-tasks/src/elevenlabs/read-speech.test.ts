import { expect, test } from 'vitest'
import { readSpeech } from './read-speech.ts'

const call = { provider: 'ElevenLabs', apiKey: 'the-secret-key', signal: new AbortController().signal, timeoutMs: 1_000, explain: () => undefined }
const streamOf = (...sizes: number[]) => new Blob(sizes.map((size) => Buffer.alloc(size, 1))).stream() as ReadableStream<Uint8Array>
const read = (stream: ReadableStream<Uint8Array>, contentType?: string) => readSpeech(stream, new Headers(contentType === undefined ? {} : { 'content-type': contentType }), call, 'Five words to be said.')

test.each([['audio/pcm'], ['audio/pcm; rate=24000'], ['audio/L16;rate=24000;channels=1'], ['application/octet-stream'], [undefined]])('Sound is read to its end, whatever it is called: %s', async (contentType) => {
  expect(await read(streamOf(3, 5), contentType)).toHaveLength(8)
})

test.each([
  ['half a sample at the end', streamOf(7), 'audio/pcm', /half a sample at the end \(7 bytes\)/],
  ['no sound at all', streamOf(), 'audio/pcm', /no sound at all/],
  ['JSON', streamOf(8), 'application/json; charset=utf-8', /application\/json; charset=utf-8 in place of sound/],
  ['sound at another rate', streamOf(8), 'audio/pcm;rate=44100', /audio\/pcm;rate=44100 in place of sound/],
  ['sound of two channels', streamOf(8), 'audio/pcm; channels=2', /channels=2 in place of sound/],
  ['far more than the words take', streamOf(...Array.from({ length: 3 }, () => 2 ** 20)), 'audio/pcm', /more than \d+ bytes for one segment of 22 characters/],
])('%s is worth another try', async (_, stream, contentType, message) => {
  await expect(read(stream, contentType)).rejects.toMatchObject({ name: 'ProviderError', retryable: true, message: expect.stringMatching(message) as string })
})
