import { writeFile } from 'node:fs/promises'
import { parseInput, ProviderError, TerminalError } from '@track-orchestrator/registry'
import { elevenlabsTextToSpeechBatch, type SpeechSegment } from '@track-orchestrator/registry/media'
import { createTestContext } from '@track-orchestrator/registry/testing'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { pcmBytes, wavFile } from '../wav-file.ts'
import type { Storage } from '../storage.ts'
import { createElevenlabsTextToSpeechBatchHandler } from '../tasks/elevenlabs-text-to-speech-batch.ts'
import { startElevenLabsServer, type ElevenLabsServerOptions } from '../testing/elevenlabs-server.ts'
import { tone } from '../testing/sound.ts'
import { openTestTools, type TestTools } from '../testing/test-tools.ts'
import type { VendorServer } from '../testing/vendor-server.ts'
import { createElevenLabs } from './elevenlabs.ts'
import type { ElevenLabsOptions } from './elevenlabs-options.ts'

const apiKey = 'sk_0123456789abcdef0123456789abcdef'
const line = 'She had gone before anybody woke.'
let media: TestTools
let servers: VendorServer[] = []
beforeAll(async () => {
  media = await openTestTools()
})
afterEach(async () => {
  for (const server of servers) await server.close()
  servers = []
})
afterAll(() => media.close())

async function start(options: ElevenLabsServerOptions = {}): Promise<VendorServer> {
  const server = await startElevenLabsServer({ apiKey, ...options })
  servers.push(server)
  return server
}
const segments = (...texts: string[]): SpeechSegment[] => texts.map((text, index) => ({ index, startSeconds: index, endSeconds: index + 1, text }))
const textsAsked = (server: VendorServer) => server.calls.map(({ json }) => (json as { text: string }).text)

let tenants = 0
const newTenant = () => `odd-${++tenants}`
interface Spoken {
  readonly tenantId: string
  readonly storage?: Storage
  readonly options?: Partial<ElevenLabsOptions>
}
async function speak(server: VendorServer, given: SpeechSegment[], { tenantId, storage = media.tools.storage, options }: Spoken) {
  const context = createTestContext({ taskName: 'elevenlabs_text_to_speech_batch', tenantId })
  const textToSpeech = createElevenLabs({ apiKey, baseUrl: server.url, ...options })
  const handler = createElevenlabsTextToSpeechBatchHandler({ ...media.tools, storage, textToSpeech })
  const results = await handler(await parseInput(elevenlabsTextToSpeechBatch, { fitSpeed: false, segments: given, concurrency: 4 }), context)
  return { ...results, context }
}
const keptFiles = async (tenantId: string) => (await media.allFiles()).filter((path) => path.includes(`tenants/${tenantId}/spoken/`))

/** Layer III frames of 128 kbit/s at 44,100 Hz, with nothing in them. */
const mp3 = Buffer.concat(Array.from({ length: 40 }, () => Buffer.concat([Buffer.from([0xff, 0xfb, 0x90, 0x00]), Buffer.alloc(413, 0xaa)])))
const adts = Buffer.concat(Array.from({ length: 40 }, () => Buffer.concat([Buffer.from([0xff, 0xf1, 0x50, 0x80, 0x2e, 0x1f, 0xfc]), Buffer.alloc(361, 0xaa)])))
const starting = (text: string) => Buffer.concat([Buffer.from(text, 'latin1'), Buffer.from(pcmBytes(tone({ seconds: 2, rate: 24_000 })))])
const sound = Buffer.from(pcmBytes(tone({ seconds: 2, rate: 24_000 })))

/** Two tones, so that the low bytes are as various as those of a voice. */
const voice = Buffer.from(pcmBytes(tone({ seconds: 2, rate: 24_000 }).map((sample, at) => sample + Math.round(3_000 * Math.sin(at / 7)))))

describe('What ElevenLabs answers is neither used nor kept where it is', () => {
  test.each<[string, string, Buffer, RegExp]>([
    ['called MP3', 'audio/mpeg', sound, /audio\/mpeg in place of sound/],
    ['called Ogg', 'audio/ogg; codecs=opus', sound, /audio\/ogg/],
    ['called WAV', 'audio/wav', sound, /audio\/wav/],
    ['MP3 that is called raw', 'audio/pcm', mp3, /an MP3 file in place of raw sound/],
    ['tagged MP3', 'application/octet-stream', starting('ID3\x04'), /an MP3 file/],
    ['AAC', 'audio/pcm', adts, /an AAC file/],
    ['WAV', 'audio/pcm', wavFile(tone({ seconds: 2, rate: 24_000 }), 24_000), /a WAV file/],
    ['Ogg', 'application/octet-stream', starting('OggS'), /an Ogg file/],
    ['MP4', 'audio/pcm', starting('\0\0\0\x20ftypM4A '), /an MP4 file/],
    ['a page', 'audio/pcm', Buffer.from('<!DOCTYPE html><html><body>Bad gateway: try again later, please.</body></html>'.repeat(40)), /a text in place/],
    ['JSON', 'application/octet-stream', Buffer.from(`{"detail":{"status":"busy","message":"${'again '.repeat(600)}"}}`), /a text in place/],
    ['silence', 'audio/pcm', Buffer.alloc(96_000), /2\.0 s of silence/],
    ['one level, which nobody hears', 'audio/pcm', Buffer.alloc(96_000, 1), /2\.0 s of silence/],
    ['a click, then silence', 'audio/pcm', Buffer.concat([Buffer.from([0, 64]), Buffer.alloc(95_998)]), /2\.0 s of silence/],
    ['samples of the other order of bytes', 'audio/pcm', Buffer.from(voice).swap16(), /noise/],
    ['samples of 32 bits', 'audio/pcm', Buffer.from(Float32Array.from(tone({ seconds: 2, rate: 24_000 }), (sample) => sample / 32_768).buffer), /noise/],
    ['samples without a sign', 'audio/pcm', Buffer.from(voice.map((byte, at) => (at % 2 === 1 ? byte ^ 0x80 : byte))), /noise/],
    ['one sample', 'audio/pcm', Buffer.from([1, 40]), /1 samples .* too short/],
    ['a tenth of a second', 'audio/pcm', sound.subarray(0, 4_800), /too short to be speech/],
    ['five minutes long', 'audio/pcm', Buffer.alloc(300 * 48_000, 7), /more than \d+ bytes/],
  ])('%s', async (_, contentType, body, message) => {
    const tenantId = newTenant()
    const server = await start({ fault: (_call, place) => (place === 0 ? { kind: 'answered', contentType, body } : undefined) })
    const error = await speak(server, segments(line), { tenantId }).then(() => expect.unreachable(), (failure: unknown) => failure)
    expect(error).toMatchObject({ name: 'ProviderError', provider: 'ElevenLabs', retryable: true, message: expect.stringMatching(message) as string })
    expect(await keptFiles(tenantId)).toEqual([])
    const { segments: [spoken] } = await speak(server, segments(line), { tenantId }) // prettier-ignore
    expect(spoken?.spokenSeconds).toBeCloseTo(2.2)
    expect(server.calls).toHaveLength(2)
  })

  test('but pauses and whispers that a text asks for take their time', async () => {
    const server = await start({ fault: () => ({ kind: 'answered', contentType: 'audio/pcm', body: Buffer.from(pcmBytes(tone({ seconds: 25, rate: 24_000 }))) }) })
    const given = segments('No. <break time="3.0s" /> [sighs] <break time="3.0s" /> No.')
    expect((await speak(server, given, { tenantId: newTenant() })).segments[0]?.spokenSeconds).toBe(25)
  })

  test('kept from before: it is spoken again', async () => {
    const tenantId = newTenant()
    const server = await start()
    await speak(server, segments(line), { tenantId })
    const { storage } = media.tools
    const noise = media.clipPath('noise.wav')
    for (const bytes of [mp3, Buffer.alloc(96_000), Buffer.from([1, 40])]) {
      await writeFile(noise, wavFile(new Int16Array(new Uint8Array(bytes).buffer, 0, Math.floor(bytes.length / 2)), 24_000))
      for await (const { key } of storage.list(`tenants/${tenantId}/spoken/`)) await storage.put(key, noise, { contentType: 'audio/wav' })
      const { segments: [spoken] } = await speak(server, segments(line), { tenantId }) // prettier-ignore
      expect(spoken?.spokenSeconds).toBeCloseTo(2.2)
    }
    expect(server.calls).toHaveLength(4)
  })
})

describe('Nothing is paid twice', () => {
  const isKept = (key: string) => key.includes('/spoken/')
  const overloaded = () => Promise.reject(new ProviderError('R2 answered 503', { provider: 'R2', status: 503 }))

  test('where clips cannot be kept: they are used, said to be so, and known to the next run', async () => {
    const tenantId = newTenant()
    const server = await start()
    let isDown = true
    let puts = 0
    const storage: Storage = { ...media.tools.storage, put: (key, ...rest) => (isKept(key) && ++puts > 0 && isDown ? overloaded() : media.tools.storage.put(key, ...rest)) }
    const { segments: spoken, context } = await speak(server, segments('One.', 'Two.', 'Three.'), { tenantId, storage })
    expect(spoken.every(({ spokenSeconds = 0 }) => spokenSeconds > 0)).toBe(true)
    expect(context.logged.filter(({ level }) => level === 'warn')).toHaveLength(3)
    await speak(server, segments('One.', 'Two.', 'Three.'), { tenantId, storage })
    expect(server.calls).toHaveLength(3)
    isDown = false
    await speak(server, segments('One.', 'Two.', 'Three.'), { tenantId, storage })
    expect(await keptFiles(tenantId)).toHaveLength(6)
    expect(server.calls).toHaveLength(3)
  })

  test('where the output cannot be stored either: the next attempt asks for nothing', async () => {
    const tenantId = newTenant()
    const server = await start()
    let isDown = true
    const storage: Storage = { ...media.tools.storage, put: (...given) => (isDown ? overloaded() : media.tools.storage.put(...given)) }
    await expect(speak(server, segments('One.', 'Two.'), { tenantId, storage })).rejects.toMatchObject({ status: 503 })
    isDown = false
    await speak(server, segments('One.', 'Two.'), { tenantId, storage })
    expect(textsAsked(server).toSorted()).toEqual(['One.', 'Two.'])
  })

  test('where the storage cannot say what it has: nothing is asked for', async () => {
    const server = await start()
    const storage: Storage = { ...media.tools.storage, head: overloaded }
    await expect(speak(server, segments('One.'), { tenantId: newTenant(), storage })).rejects.toMatchObject({ status: 503, retryable: true })
    expect(server.calls).toHaveLength(0)
  })

  test('where a line comes several times: one call, and each key is written once', async () => {
    const tenantId = newTenant()
    const server = await start({ delayMs: 20 })
    const written: string[] = []
    const storage: Storage = { ...media.tools.storage, put: (key, ...rest) => (isKept(key) && written.push(key), media.tools.storage.put(key, ...rest)) }
    const { segments: spoken } = await speak(server, segments(...Array.from({ length: 8 }, () => 'No.')), { tenantId, storage })
    expect(server.calls).toHaveLength(1)
    expect(new Set(written).size).toBe(written.length)
    expect(spoken).toHaveLength(8)
    // A model that hears nothing of what is around says the line once, wherever it stands.
    await speak(server, segments('A.', 'No.', 'B.', 'No.', 'C.', 'No.'), { tenantId, storage, options: { model: 'eleven_v3' } })
    expect(textsAsked(server).slice(1).toSorted()).toEqual(['A.', 'B.', 'C.', 'No.'])
    expect(new Set(written).size).toBe(written.length)
  })

  test('where two runs of one process ask at once; and a call that fails for the one is made for the other', async () => {
    const tenantId = newTenant()
    const server = await start({ delayMs: 20, fault: (_call, place) => (place === 0 ? { kind: 'reset' } : undefined) })
    const outcomes = await Promise.allSettled(['a', 'b', 'c'].map(() => speak(server, segments(line), { tenantId })))
    expect(outcomes.map(({ status }) => status).toSorted()).toEqual(['fulfilled', 'fulfilled', 'rejected'])
    expect(server.calls).toHaveLength(2)
  })
})

test('A kept clip that is removed just before it is fetched is spoken again', async () => {
  const tenantId = newTenant()
  const server = await start()
  await speak(server, segments(line), { tenantId })
  const gone = () => Promise.reject(new TerminalError('It is not there', { code: 'media/not_found' }))
  const storage: Storage = { ...media.tools.storage, fetchToFile: (url, ...rest) => (url.includes('/spoken/') ? gone() : media.tools.storage.fetchToFile(url, ...rest)) }
  await speak(server, segments(line), { tenantId, storage })
  expect(server.calls).toHaveLength(2)
})

test('An address may end in the paths of the API, and is the same service', async () => {
  const [server, tenantId] = [await start(), newTenant()]
  for (const path of ['', '/v1', '/v1/text-to-speech/']) await speak(server, segments(line), { tenantId, options: { baseUrl: server.url + path } })
  expect(server.calls.map(({ path }) => path)).toEqual([expect.stringMatching(/^\/v1\/text-to-speech\/\w+$/)])
})

test('What another address has said is not used', async () => {
  const tenantId = newTenant()
  const [trial, real] = [await start(), await start()]
  await speak(trial, segments(line), { tenantId })
  await speak(real, segments(line), { tenantId })
  await speak(real, segments(line), { tenantId, options: { baseUrl: `${real.url}/` } })
  expect([trial.calls.length, real.calls.length]).toEqual([1, 1])
})

test('Segments with one index have a file each', async () => {
  const server = await start()
  const given = segments('First.', 'And a longer second.', 'Third.').map((segment) => Object.assign(segment, { index: 4 }))
  const { segments: spoken, files } = await speak(server, given, { tenantId: newTenant() })
  expect(new Set(files.map(({ key }) => key)).size).toBe(3)
  expect(new Set(spoken.map(({ audioUrl }) => audioUrl)).size).toBe(3)
})
