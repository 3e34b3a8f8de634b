import { readFile } from 'node:fs/promises'
import { errorToJson, parseInput, type ProviderError } from '@track-orchestrator/registry'
import { elevenlabsTextToSpeechBatch, type SpeechSegment } from '@track-orchestrator/registry/media'
import { createTestContext, type TestContext } from '@track-orchestrator/registry/testing'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { createElevenlabsTextToSpeechBatchHandler } from '../tasks/elevenlabs-text-to-speech-batch.ts'
import { startElevenLabsServer, type ElevenLabsServerOptions } from '../testing/elevenlabs-server.ts'
import { openTestTools, type TestTools } from '../testing/test-tools.ts'
import type { VendorCall, VendorFault, VendorServer } from '../testing/vendor-server.ts'
import { createElevenLabs } from './elevenlabs.ts'
import type { ElevenLabsOptions } from './elevenlabs-options.ts'

type Input = (typeof elevenlabsTextToSpeechBatch)['~io']['in']

const apiKey = 'sk_0123456789abcdef0123456789abcdef'
const voice = 'JBFqnCBsd6RMkjVDRZzb'
let media: TestTools
let server: VendorServer
beforeAll(async () => {
  media = await openTestTools()
})
afterEach(() => server?.close())
afterAll(() => media.close())

const start = async (options: ElevenLabsServerOptions = {}) => (server = await startElevenLabsServer({ apiKey, ...options }))
const startFaulty = (fault: VendorFault) => start({ fault: () => fault })
const segments = (...texts: string[]): SpeechSegment[] => texts.map((text, index) => ({ index, startSeconds: index, endSeconds: index + 1, text }))

interface Spoken {
  readonly input?: Partial<Input>
  readonly options?: Partial<ElevenLabsOptions>
  readonly signal?: AbortSignal
  /** Whose clips are kept. Default: one who has spoken nothing. */
  readonly tenantId?: string
}
let tenants = 0
async function speak(given: SpeechSegment[], { input, options, signal, tenantId = `new-${++tenants}` }: Spoken = {}) {
  const context = createTestContext({ taskName: 'elevenlabs_text_to_speech_batch', tenantId, ...(signal && { signal }) })
  const textToSpeech = createElevenLabs({ apiKey, baseUrl: server.url, ...options })
  const handler = createElevenlabsTextToSpeechBatchHandler({ ...media.tools, textToSpeech })
  const results = await handler(await parseInput(elevenlabsTextToSpeechBatch, { segments: given, ...input }), context)
  return { ...results, context }
}
const failure = (given: SpeechSegment[], spoken?: Spoken): Promise<ProviderError> =>
  speak(given, spoken).then(() => expect.unreachable('it should have failed'), (error: ProviderError) => error)
const letters = (count: number): string[] => Array.from({ length: count }, (_, place) => String.fromCodePoint(97 + place))
const textOf = (call: VendorCall): string => (call.json as { text: string }).text
const textsAsked = () => server.calls.map(textOf)

describe('ElevenLabs', () => {
  test('is asked for raw sound, in its own words, and told what is said around', async () => {
    await start()
    const { segments: spoken, characters, provider, context } = await speak(segments('Hello', 'there', 'Elinor'), { input: { concurrency: 1 } })
    expect(server.calls[1]).toMatchObject({
      method: 'POST',
      path: `/v1/text-to-speech/${voice}`,
      query: [['output_format', 'pcm_24000']],
      headers: { 'xi-api-key': apiKey, 'content-type': 'application/json' },
      json: { text: 'there', model_id: 'eleven_multilingual_v2', previous_text: 'Hello', next_text: 'Elinor' },
    })
    expect(server.calls[0]?.json).toEqual({ text: 'Hello', model_id: 'eleven_multilingual_v2', next_text: 'there' })
    expect(spoken.map((segment) => segment.spokenSeconds?.toFixed(2))).toEqual(['0.33', '0.33', '0.40'])
    expect({ characters, provider }).toEqual({ characters: 16, provider: 'elevenlabs' })
    expect(context.metadata).toEqual({ provider: 'elevenlabs', characters: 16, characterCost: 16, requestId: 'request-3' })
    const wav = await readFile(media.pathOf(spoken[2]!.audioUrl))
    expect([wav.toString('latin1', 0, 4), wav.readUInt32LE(24), wav.length]).toEqual(['RIFF', 24_000, 44 + 9_600 * 2])
  })

  test('is told voices, model and settings: those of the task before those of the worker', async () => {
    await start()
    const given = segments('One', 'Two').map((segment, speaker) => ({ ...segment, speaker }))
    const input = { voices: { 1: 'voice-of-one' }, model: 'eleven_flash_v2_5', voiceSettings: { stability: 0.3, speed: 1.1 } }
    const options = { voices: ['usual-voice'], voiceSettings: { stability: 0.9, similarityBoost: 0.5 }, languageCode: 'de', seed: 7, history: false }
    const { segments: spoken } = await speak(given, { input: { ...input, concurrency: 1 }, options })
    expect(server.calls.map(({ path }) => path)).toEqual(['/v1/text-to-speech/usual-voice', '/v1/text-to-speech/voice-of-one'])
    expect(server.calls[0]?.json).toMatchObject({ model_id: 'eleven_flash_v2_5', language_code: 'de', seed: 7, voice_settings: { stability: 0.3, speed: 1.1, similarity_boost: 0.5 } })
    expect(server.calls[0]?.query).toContainEqual(['enable_logging', 'false'])
    expect(spoken.map((segment) => segment.voice)).toEqual(['usual-voice', 'voice-of-one'])
  })

  test('v3 is not told what is said around, which it refuses', async () => {
    await start()
    await speak(segments('One', 'Two'), { options: { model: 'eleven_v3' } })
    expect(server.calls.map(({ json }) => Object.keys(json as object).toSorted())).toEqual([['model_id', 'text'], ['model_id', 'text']]) // prettier-ignore
  })

  test('is not asked to say nothing', async () => {
    await start()
    const { segments: spoken } = await speak(segments('', '…', 'Word'))
    expect(textsAsked()).toEqual(['Word'])
    expect(spoken.map(({ spokenSeconds = 0 }) => spokenSeconds > 0)).toEqual([false, false, true])
  })

  test('gets no more calls at once than asked for', async () => {
    await start({ delayMs: 20 })
    await speak(segments(...letters(10)), { input: { concurrency: 2 } })
    expect(server.calls).toHaveLength(10)
    expect(server.mostAtOnce()).toBe(2)
  })
})

describe('Clips that were spoken', () => {
  const tenantId = 'keeper'
  const lines = ['It was late.', 'She had gone.', 'Nobody knew.', 'Why?', 'I know.']

  test('are not paid for again', async () => {
    await start()
    const first = await speak(segments(...lines), { tenantId })
    const second = await speak(segments(...lines), { tenantId })
    expect(server.calls).toHaveLength(5)
    expect(first.context.metadata).toMatchObject({ characters: 48, characterCost: 48 })
    expect(second.context.metadata).toEqual({ provider: 'elevenlabs', characters: 48, keptClips: 5 })
    const bytes = (from: typeof first) => Promise.all(from.segments.map(({ audioUrl }) => readFile(media.pathOf(audioUrl))))
    expect(await bytes(second)).toEqual(await bytes(first))
    expect(second.segments.map((segment) => segment.voice)).toEqual(first.segments.map((segment) => segment.voice))
  })

  test('stay when another line is edited, put in or taken out', async () => {
    await start()
    await speak(segments(...lines), { tenantId })
    const newTexts = () => textsAsked().slice(lines.length)
    await speak(segments('It was late.', 'She has gone!', 'Nobody knew.', 'Why?', 'I know.'), { tenantId })
    expect(newTexts()).toEqual(['She has gone!'])
    await speak(segments('It was late.', 'She has gone!', 'Nobody knew.', 'Not I.', 'Why?', 'I know.'), { tenantId })
    expect(newTexts()).toEqual(['She has gone!', 'Not I.'])
    await speak(segments('It was late.', 'She has gone!', 'Nobody knew.', 'Not I.', 'I know.'), { tenantId })
    expect(newTexts()).toHaveLength(2)
    // Both neighbours of "Not I." have changed by now, one after the other: it was found by the one, and is known by the new one since.
    await speak(segments('It was late.', 'She has gone!', 'Somebody did.', 'Not I.', 'I know.'), { tenantId })
    expect(newTexts().slice(2)).toEqual(['Somebody did.'])
  })

  test('are spoken anew where voice, model or settings are others', async () => {
    await start()
    const one = segments('It was late.', 'She had gone.').slice(0, 2)
    for (const input of [{ voice: 'other' }, { model: 'eleven_v3' }, { voiceSettings: { speed: 0.9 } }, { voiceSettings: { speed: 0.9, style: 0.1 } }]) {
      const before = server.calls.length
      await speak(one, { tenantId, input })
      expect(server.calls.length - before, JSON.stringify(input)).toBe(2)
    }
    await speak(one, { tenantId, input: { voiceSettings: { style: 0.1, speed: 0.9 } } })
    expect(server.calls).toHaveLength(8)
  })

  test('can be had in another take, and in the take of before', async () => {
    await start()
    await speak(segments(...lines), { tenantId: 'takes', options: { seed: 100 } })
    await speak(segments(...lines), { tenantId: 'takes', options: { seed: 100 }, input: { takes: { 3: 2 } } })
    await speak(segments(...lines), { tenantId: 'takes', options: { seed: 100 } })
    expect(textsAsked().slice(5)).toEqual(['Why?'])
    expect(server.calls[5]?.json).toMatchObject({ seed: 101 })
  })

  test('are found by no other tenant', async () => {
    await start()
    await speak(segments('Why?'), { tenantId: 'a' })
    await speak(segments('Why?'), { tenantId: 'b' })
    expect(server.calls).toHaveLength(2)
    const kept = (await media.allFiles()).filter((path) => /tenants\/[ab]\/spoken\/elevenlabs\/[0-9a-f]{64}\.wav$/.test(path))
    expect(kept).toHaveLength(4) // each by what is before it, and by what is after it
  })

  test('that are broken in storage are spoken again, and mended', async () => {
    await start()
    await speak(segments('Why?'), { tenantId: 'broken' })
    for await (const { key } of media.tools.storage.list('tenants/broken/spoken/')) await media.tools.storage.put(key, import.meta.filename, { contentType: 'audio/wav' })
    const { context } = await speak(segments('Why?'), { tenantId: 'broken' })
    await speak(segments('Why?'), { tenantId: 'broken' })
    expect(server.calls).toHaveLength(2)
    expect(context.logged.map(({ level, message }) => [level, message])).toContainEqual(['warn', 'A clip that was kept cannot be read, or is no speech, and is spoken again'])
  })
})

describe('A batch that fails in the middle', () => {
  const lines = ['one', 'two', 'three', 'four', 'five', 'six', 'seven', 'eight']
  const ended = (calls: readonly VendorCall[]) => calls.map(textOf)

  test.each([
    ['a connection that is cut', { kind: 'reset' }],
    ['an answer that is cut off', { kind: 'truncated' }],
    ['a service that is down', { kind: 'refused', status: 503, headers: { 'retry-after': '2' } }],
    ['a web page', { kind: 'garbage' }],
  ] satisfies [string, VendorFault][])('by %s and is run again makes no second call for what was spoken', async (_, fault) => {
    let failures = 1
    await start({ fault: (call) => (textOf(call) === 'five' && failures-- > 0 ? fault : undefined) })
    const tenantId = `again-${fault.kind}`
    const error = await failure(segments(...lines), { tenantId })
    expect(error).toMatchObject({ name: 'ProviderError', provider: 'ElevenLabs', retryable: true, message: expect.stringMatching(/^Segment 4 \("five"\): ElevenLabs /) as string })
    const spoken = ended(server.calls)
    await speak(segments(...lines), { tenantId })
    const asked = ended(server.calls)
    // "five" twice, everything else once: what was under way when it failed was heard to the end.
    expect(asked.toSorted()).toEqual([...lines, 'five'].toSorted())
    expect(spoken.length).toBeLessThan(lines.length)
    expect(await media.temporaryFiles()).toEqual([])
  })
})

describe('Too many calls at once', () => {
  const tooMany: VendorFault = { kind: 'refused', status: 429, headers: { 'retry-after': '0' }, body: { detail: { status: 'too_many_concurrent_requests', message: 'Too many concurrent requests' } } }
  const paceOf = (context: TestContext) => context.logged.map(({ fields }) => fields?.['width'])

  test('become fewer, and nothing is lost', async () => {
    await start({ fault: (_call, place) => (place >= 4 && place < 6 ? tooMany : undefined) })
    const { segments: spoken, context } = await speak(segments(...letters(12)), { input: { concurrency: 4 } })
    expect(spoken.map(({ text }) => text)).toEqual(letters(12))
    expect(paceOf(context)[0]).toBe(2)
    expect(server.calls).toHaveLength(14)
  })

  test('fail when even one is too many, and then say how long to wait', async () => {
    await start({ fault: (_call, place) => (place >= 1 ? { ...tooMany, headers: { 'retry-after': '1' } } : undefined) })
    const error = await failure(segments(...letters(4)), { input: { concurrency: 2 } })
    expect(error).toMatchObject({ status: 429, retryAfterMs: 1_000, retryable: true, message: expect.stringContaining('too_many_concurrent_requests: Too many concurrent requests') as string })
    expect(server.calls.length).toBeLessThanOrEqual(5)
  })

  test('fail at once where the service wants a long rest: that is waited for between attempts', async () => {
    await startFaulty({ ...tooMany, headers: { 'retry-after': '60' } })
    expect(await failure(segments('a'))).toMatchObject({ status: 429, retryAfterMs: 60_000 })
    expect(server.calls).toHaveLength(1)
  })
})

describe('When ElevenLabs fails,', () => {
  test('a key that it does not take is not tried again, and not shown', async () => {
    await start({ apiKey: 'another' })
    const error = await failure(segments('Hello'))
    expect(error).toMatchObject({ status: 401, retryable: false, message: 'Segment 0 ("Hello"): ElevenLabs answered 401: invalid_api_key: Invalid API key' })
    expect(JSON.stringify(errorToJson(error))).not.toContain(apiKey)
  })

  test('a refusal that repeats the key does not show it', async () => {
    await startFaulty({ kind: 'refused', status: 400, body: { detail: { status: 'bad', message: `The key ${apiKey} is bad` } } })
    expect(JSON.stringify(errorToJson(await failure(segments('Hello'))))).not.toContain(apiKey)
  })

  test('a voice that it does not have is named', async () => {
    await start({ voices: ['somebody'] })
    expect(await failure(segments('Hello'), { input: { voice: 'rms' } })).toMatchObject({ code: 'media/voice_unknown', retryable: false, message: expect.stringContaining('no voice "rms"') as string })
  })

  test('a malformed request is not tried again', async () => {
    await startFaulty({ kind: 'refused', status: 422, body: { detail: [{ loc: ['body', 'seed'], msg: 'Input should be a valid integer', type: 'int' }] } })
    expect(await failure(segments('Hello'))).toMatchObject({ status: 422, retryable: false, message: expect.stringContaining('Input should be a valid integer') as string })
  })

  test.each([
    ['a web page in place of sound', { kind: 'garbage' }, /answered with text\/html in place of sound/],
    ['sound that is cut off', { kind: 'truncated' }, /could not be reached, or broke off/],
    ['a connection that is cut', { kind: 'reset' }, /could not be reached, or broke off/],
  ] satisfies [string, VendorFault, RegExp][])('%s is worth another try', async (_, fault, message) => {
    await startFaulty(fault)
    const text = 'A sentence that is much longer than forty characters'
    const error = await failure(segments(text))
    expect(error).toMatchObject({ name: 'ProviderError', retryable: true, message: expect.stringMatching(message) as string })
    expect(error.message).toMatch(/^Segment 0 \("A sentence that is much longer than fort…"\): /)
    expect(server.calls).toHaveLength(1)
  })

  test('an answer that begins and never ends is given up in time', async () => {
    await startFaulty({ kind: 'stalled' })
    expect(await failure(segments('Hello'), { options: { timeoutMs: 1_000 } })).toMatchObject({ retryable: true, message: 'Segment 0 ("Hello"): ElevenLabs had not answered to the end after 1 s' })
  })

  test('a cancelled run does not wait for it', async () => {
    await startFaulty({ kind: 'stalled' })
    const cancel = new AbortController()
    const failing = failure(segments('Hello', 'there'), { signal: cancel.signal })
    while (server.calls.length < 2) await new Promise((resolve) => setTimeout(resolve, 5))
    cancel.abort()
    expect(await failing).toMatchObject({ code: 'cancelled', retryable: false })
    expect(await media.temporaryFiles()).toEqual([])
  })
})

test.each<[string, object]>([
  ['without a key', { apiKey: '' }],
  ['with a seed that is none', { apiKey, seed: 1.5 }],
  ['with a speed that no voice has', { apiKey, voiceSettings: { speed: 9 } }],
  ['with a setting of another name', { apiKey, voiceSettings: { stabilty: 0.5 } }],
  ['with voices that are no list', { apiKey, voices: 'George' }],
  ['with an option of another name', { apiKey, voice: 'George' }],
])('ElevenLabs cannot be made %s', (_, options) => {
  expect(() => createElevenLabs(options as never)).toThrow(expect.objectContaining({ code: 'definition_invalid' }) as Error)
})
