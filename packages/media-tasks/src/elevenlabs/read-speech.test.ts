import { expect, test } from 'vitest'
import { readSpeech } from './read-speech.ts'

const call = { provider: 'ElevenLabs', apiKey: 'the-secret-key', signal: new AbortController().signal, timeoutMs: 1_000, explain: () => undefined }
const streamOf = (...sizes: number[]) => new Blob(sizes.map((size) => Buffer.alloc(size, 1))).stream() as ReadableStream<Uint8Array>
const read = (stream: ReadableStream<Uint8Array>, contentType?: string) => readSpeech(stream, new Headers(contentType === undefined ? {} : { 'content-type': contentType }), call)

test.each([['audio/pcm'], ['application/octet-stream'], [undefined]])('Sound is read to its end, whatever it is called: %s', async (contentType) => {
  expect(await read(streamOf(3, 5), contentType)).toHaveLength(8)
})

test.each([
  ['half a sample at the end', streamOf(7), 'audio/pcm', /half a sample at the end \(7 bytes\)/],
  ['no sound at all', streamOf(), 'audio/pcm', /no sound at all/],
  ['JSON', streamOf(8), 'application/json; charset=utf-8', /application\/json; charset=utf-8 in place of sound/],
  ['more than anybody could say', streamOf(...Array.from({ length: 45 }, () => 2 ** 20)), 'audio/pcm', /more than 43200000 bytes/],
])('%s is worth another try', async (_, stream, contentType, message) => {
  await expect(read(stream, contentType)).rejects.toMatchObject({ name: 'ProviderError', retryable: true, message: expect.stringMatching(message) as string })
})
