import { readFile } from 'node:fs/promises'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { errorToJson, parseInput, type ProviderError } from '@track-orchestrator/registry'
import { deepgramSpeechToText } from '@track-orchestrator/registry/media'
import { createTestContext } from '@track-orchestrator/registry/testing'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import type { Storage } from '../storage.ts'
import { createDeepgramSpeechToTextHandler } from '../tasks/deepgram-speech-to-text.ts'
import { startDeepgramServer, type DeepgramServer, type DeepgramServerOptions } from '../testing/deepgram-server.ts'
import { writeTone } from '../testing/sound.ts'
import { openTestTools, type TestTools } from '../testing/test-tools.ts'
import type { VendorFault } from '../testing/vendor-server.ts'
import { createDeepgram } from './deepgram.ts'
import type { DeepgramOptions } from './deepgram-options.ts'

type Input = (typeof deepgramSpeechToText)['~io']['in']

const apiKey = '0123456789abcdef0123456789abcdef01234567'
let media: TestTools
let answer: { metadata: { request_id: string }; results: { utterances?: unknown[] } }
let server: DeepgramServer
beforeAll(async () => {
  media = await openTestTools()
  await writeTone(media.clipPath('sound.wav'), { seconds: 1 })
  answer = JSON.parse(await readFile(new URL('./__fixtures__/two-speakers.json', import.meta.url), 'utf8')) as typeof answer
})
afterEach(() => server?.close())
afterAll(() => media.close())

const start = async (options: Partial<DeepgramServerOptions> = {}) => (server = await startDeepgramServer({ answer, apiKey, ...options }))
const startFaulty = (fault: VendorFault) => start({ fault: () => fault })

interface Heard {
  readonly input?: Partial<Input>
  readonly options?: Partial<DeepgramOptions>
  readonly storage?: Storage
  readonly signal?: AbortSignal
}
async function hear({ input, options, storage = media.tools.storage, signal }: Heard = {}) {
  const context = createTestContext({ taskName: 'deepgram_speech_to_text', ...(signal && { signal }) })
  const speechToText = createDeepgram({ apiKey, baseUrl: server.url, ...options })
  const handler = createDeepgramSpeechToTextHandler({ ...media.tools, storage, speechToText })
  const results = await handler(await parseInput(deepgramSpeechToText, { audioUrl: media.clipUrl('sound.wav'), ...input }), context)
  return { ...results, context }
}
const failure = (heard?: Heard): Promise<ProviderError> => hear(heard).then(() => expect.unreachable('it should have failed'), (error: ProviderError) => error)

describe('Deepgram', () => {
  test('is sent the sound as it is, and asked in its own words', async () => {
    await start()
    const { transcript } = await hear()
    const [call] = server.calls
    expect(call).toMatchObject({ method: 'POST', path: '/v1/listen', headers: { authorization: `Token ${apiKey}`, 'content-type': 'application/octet-stream' } })
    expect(Object.fromEntries(call?.query ?? [])).toEqual({ model: 'nova-3', detect_language: 'true', diarize: 'true', smart_format: 'true', utterances: 'true' })
    expect(call?.body.equals(await readFile(media.clipPath('sound.wav')))).toBe(true)
    expect(transcript).toMatchObject({ provider: 'deepgram', model: 'general-nova-3', language: 'en' })
    expect(transcript.words.map(({ text, speaker }) => [text, speaker]).slice(-2)).toEqual([['Elinor?', 0], ['Never.', 1]]) // prettier-ignore
    expect(transcript.utterances).toHaveLength(2)
    expect(JSON.stringify(transcript)).not.toContain('Speaker') // as Deepgram writes it into paragraphs: it would be spoken
  })

  test('is told language, model, terms and what not to do', async () => {
    await start()
    await hear({ input: { language: 'de-AT', model: 'nova-3-medical', keyterms: ['Norland', 'Mrs Dashwood'], diarize: false, smartFormat: false, utterances: false }, options: { modelImprovement: false } })
    const query = server.calls[0]?.query.map((pair) => pair.join('=')).toSorted()
    expect(query).toEqual(['keyterm=Mrs Dashwood', 'keyterm=Norland', 'language=de-AT', 'mip_opt_out=true', 'model=nova-3-medical'])
  })

  test('listens for keywords where the model knows no terms', async () => {
    await start()
    await hear({ input: { model: 'nova-2', keyterms: ['Norland'], detectLanguage: false } })
    const query = Object.fromEntries(server.calls[0]?.query ?? [])
    expect(query).toMatchObject({ model: 'nova-2', keywords: 'Norland' })
    expect(query).not.toHaveProperty('keyterm')
    expect(query).not.toHaveProperty('detect_language')
  })

  test('fetches the sound itself where the storage signs URLs', async () => {
    await start()
    const files = await serveFile(media.clipPath('sound.wav'))
    const signed: unknown[] = []
    const storage: Storage = {
      ...media.tools.storage,
      owns: () => true,
      sign: (url, options) => {
        signed.push(url, options)
        return Promise.resolve(`${files.url}/sound.wav?X-Amz-Signature=abcdef0123456789`)
      },
    }
    await hear({ storage })
    files.server.close()
    expect(signed).toEqual([media.clipUrl('sound.wav'), { expiresInSeconds: 3_600 }])
    expect(server.calls[0]?.json).toEqual({ url: `${files.url}/sound.wav?X-Amz-Signature=abcdef0123456789` })
    expect(server.heardBytes).toEqual([32_044])
  })

  test('is sent the sound all the same where it cannot reach the storage', async () => {
    await start()
    const storage: Storage = { ...media.tools.storage, owns: () => true, sign: () => Promise.reject(new Error('not asked for')) }
    await hear({ storage, options: { fetchesUrls: false } })
    expect(server.calls[0]?.body).toHaveLength(32_044)
  })

  test("has its answer kept word for word beside the transcript, and its captions, with speakers as data", async () => {
    await start()
    const { files, transcriptUrl, context } = await hear()
    expect(files.map(({ format, contentType }) => [format, contentType])).toEqual([['json', 'application/json'], ['json', 'application/json'], ['vtt', 'text/vtt']]) // prettier-ignore
    const [transcriptFile, answerFile, captionsFile] = await Promise.all(files.map(({ url }) => readFile(media.pathOf(url), 'utf8')))
    expect(files[0]?.url).toBe(transcriptUrl)
    expect(transcriptFile).toContain('"provider":"deepgram"')
    expect(JSON.parse(answerFile ?? '')).toEqual(answer)
    expect(captionsFile).toContain('00:00:04.400 --> 00:00:04.900\n<v Speaker 1>Never.')
    expect(context.metadata).toEqual({ requestId: answer.metadata.request_id, heardSeconds: 6.2, channels: 1, provider: 'deepgram', words: 7 })
    expect(context.paid).toEqual([{ amount: 6.2, unit: 'audio_seconds' }])
  })

  test('may answer without utterances, and then there are no captions', async () => {
    await start({ answer: { ...answer, results: { ...answer.results, utterances: undefined } } })
    const { files, transcript } = await hear()
    expect(files).toHaveLength(2)
    expect(transcript.utterances.map(({ text }) => text)).toEqual(['Have you been to Norland, Elinor?', 'Never.'])
  })
})

describe('When Deepgram fails,', () => {
  test('a connection that is cut is worth another try', async () => {
    await startFaulty({ kind: 'reset' })
    expect(await failure()).toMatchObject({ name: 'ProviderError', provider: 'Deepgram', status: undefined, retryable: true, message: expect.stringMatching(/^Deepgram could not be reached, or broke off: /) as string })
    expect(server.calls).toHaveLength(1) // the SDK tries once: the engine retries
  })

  test('"too many" says how long to wait', async () => {
    await startFaulty({ kind: 'refused', status: 429, headers: { 'retry-after': '7' }, body: { err_code: 'TOO_MANY_REQUESTS', err_msg: 'Too many requests. Please try again later', request_id: 'x' } })
    expect(await failure()).toMatchObject({ status: 429, retryAfterMs: 7_000, retryable: true, message: 'Deepgram answered 429: TOO_MANY_REQUESTS: Too many requests. Please try again later' })
    expect(server.calls).toHaveLength(1)
  })

  test('it may be down until a date', async () => {
    const until = new Date(Math.ceil(Date.now() / 1_000) * 1_000 + 60_000)
    await startFaulty({ kind: 'refused', status: 503, headers: { 'retry-after': until.toUTCString() } })
    const error = await failure()
    expect(error).toMatchObject({ status: 503, retryable: true, message: 'Deepgram answered 503: it did not say why' })
    expect(error.retryAfterMs).toBeGreaterThan(50_000)
    expect(error.retryAfterMs).toBeLessThanOrEqual(61_000)
  })

  test('a key that it does not take is not tried again, and not shown', async () => {
    await start({ apiKey: 'another' })
    const error = await failure()
    expect(error).toMatchObject({ status: 401, retryable: false, message: 'Deepgram answered 401: INVALID_AUTH: Invalid credentials.' })
    expect(JSON.stringify(errorToJson(error))).not.toContain(apiKey)
  })

  test('a refusal that repeats key and signed URL shows neither', async () => {
    await startFaulty({ kind: 'refused', status: 400, body: { err_code: 'Bad Request', err_msg: `Token ${apiKey} may not read https://r2.example.com/a.wav?X-Amz-Signature=abcdef0123456789` } })
    const json = JSON.stringify(errorToJson(await failure()))
    expect(json).not.toContain(apiKey)
    expect(json).not.toContain('abcdef0123456789')
    expect(json).toContain('https://r2.example.com/a.wav?[redacted]')
  })

  test('to fetch the sound, it is sent it', async () => {
    await start()
    const { transcript, context } = await hear({ storage: unreachable() })
    expect(server.calls.map(({ json }) => (json as { url?: string } | undefined)?.url !== undefined)).toEqual([true, false])
    expect(server.heardBytes).toEqual([32_044])
    expect(transcript.words).toHaveLength(7)
    expect(JSON.stringify(context.logged)).not.toContain('abcdef')
  })

  test('to fetch a sound that is too large to be sent, it may fetch it the next time', async () => {
    await start()
    const error = await failure({ storage: unreachable(), options: { maxUploadBytes: 1_000 } })
    expect(error).toMatchObject({ name: 'ProviderError', status: 400, retryable: true, message: expect.stringContaining('REMOTE_CONTENT_ERROR') as string })
    expect(error.message).not.toContain('abcdef')
    expect(server.calls).toHaveLength(1)
  })

  test('an answer that is cut off is worth another try', async () => {
    await startFaulty({ kind: 'truncated' })
    expect(await failure()).toMatchObject({ name: 'ProviderError', retryable: true, status: undefined, message: expect.stringContaining('broke off') as string })
  })

  test('a web page is no transcript', async () => {
    await startFaulty({ kind: 'garbage' })
    expect(await failure()).toMatchObject({ name: 'ProviderError', retryable: true, status: 200, message: expect.stringContaining('no transcript') as string })
  })

  test('an answer that begins and never ends is given up in time', async () => {
    await startFaulty({ kind: 'stalled' })
    expect(await failure({ options: { timeoutMs: 1_000 } })).toMatchObject({ name: 'ProviderError', retryable: true, message: 'Deepgram had not answered to the end after 1 s' })
  })

  test('a cancelled run does not wait for it', async () => {
    await startFaulty({ kind: 'stalled' })
    const cancel = new AbortController()
    const failing = failure({ signal: cancel.signal })
    while (server.calls.length === 0) await new Promise((resolve) => setTimeout(resolve, 5))
    cancel.abort()
    expect(await failing).toMatchObject({ code: 'cancelled', retryable: false })
    expect(await media.temporaryFiles()).toEqual([])
  })

  test('a redirect is not followed with the key in hand', async () => {
    await startFaulty({ kind: 'refused', status: 307, headers: { location: 'http://127.0.0.1:1/v1/listen' } })
    expect(await failure()).toMatchObject({ name: 'ProviderError', message: expect.stringContaining('redirect') as string })
  })

  test('nothing is left behind', async () => {
    expect(await media.temporaryFiles()).toEqual([])
  })
})

test('A sound that is too large to be sent is refused, saying what to do', async () => {
  await start()
  expect(await failure({ options: { maxUploadBytes: 1_000 } })).toMatchObject({ code: 'media/too_large', retryable: false, message: expect.stringContaining('storage that signs URLs') as string })
  expect(server.calls).toHaveLength(0)
})

test.each([
  [{ apiKey: '' }],
  [{ apiKey: 'two words' }],
  [{ apiKey: 'key\n' }],
  [{ apiKey, baseUrl: 'ftp://example.com' }],
  [{ apiKey, baseUrl: 'https://user:secret@example.com' }],
  [{ apiKey, timeoutMs: 0 }],
  [{ apiKey, timeoutMs: 300_001 }],
  [{ apiKey, timeoutMs: Number.NaN }],
  [{ apiKey, maxUploadBytes: 0 }],
  [{ apiKey, fetchesUrls: 'no' as never }],
  [{ apiKey, fetchUrls: true } as never],
])('Deepgram cannot be made with %j', (options) => {
  expect(() => createDeepgram(options)).toThrow(expect.objectContaining({ code: 'definition_invalid' }) as Error)
  expect(() => createDeepgram(options)).not.toThrow('secret')
})

/** A storage whose signed URLs lead nowhere. */
const unreachable = (): Storage => ({ ...media.tools.storage, owns: () => true, sign: () => Promise.resolve('http://127.0.0.1:1/sound.wav?X-Amz-Signature=abcdef0123456789') })

async function serveFile(path: string): Promise<{ url: string; server: Server }> {
  const content = await readFile(path)
  const files = createServer((_request, response) => response.end(content))
  await new Promise<void>((resolve) => files.listen(0, '127.0.0.1', resolve))
  return { url: `http://127.0.0.1:${(files.address() as AddressInfo).port}`, server: files }
}
