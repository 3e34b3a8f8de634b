import { parseInput } from '@track-orchestrator/registry'
import { deepgramSpeechToText } from '@track-orchestrator/registry/media'
import { createTestContext } from '@track-orchestrator/registry/testing'
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest'
import { createDeepgramSpeechToTextHandler } from '../tasks/deepgram-speech-to-text.ts'
import { writeTone } from '../testing/sound.ts'
import { openTestTools, type TestTools } from '../testing/test-tools.ts'
import { startVendorServer, type VendorAnswer, type VendorServer } from '../testing/vendor-server.ts'
import { createDeepgram } from './deepgram.ts'

let media: TestTools
let server: VendorServer
beforeAll(async () => {
  media = await openTestTools()
  await writeTone(media.clipPath('sound.wav'), { seconds: 1 })
})
afterEach(() => server?.close())
afterAll(() => media.close())

const heard = { metadata: { duration: 1 }, results: { channels: [{ alternatives: [{ transcript: 'Yes.', words: [{ word: 'yes', punctuated_word: 'Yes.', start: 0, end: 0.5 }] }] }] } }

async function hear(answer: Partial<VendorAnswer>, path = '') {
  server = await startVendorServer(() => ({ status: 200, headers: { 'content-type': 'application/json' }, body: Buffer.from(JSON.stringify(heard)), ...answer }), {})
  const context = createTestContext({ taskName: 'deepgram_speech_to_text' })
  const handler = createDeepgramSpeechToTextHandler({ ...media.tools, speechToText: createDeepgram({ apiKey: 'a-secret-key', baseUrl: server.url + path }) })
  return { ...(await handler(await parseInput(deepgramSpeechToText, { audioUrl: media.clipUrl('sound.wav') }), context)), paid: context.paid }
}

test.each<[string, Partial<VendorAnswer>, object]>([
  ['null', { body: Buffer.from('null') }, { status: 200, retryable: true }],
  ['nothing', { body: Buffer.alloc(0) }, { status: 200, retryable: true }],
  ['no content', { status: 204, body: Buffer.alloc(0) }, { status: 204, retryable: true }],
  ["a gateway's page, called JSON, that forbids", { status: 403, body: Buffer.from('<html>Forbidden</html>') }, { status: 403, retryable: false, message: 'Deepgram answered 403: <html>Forbidden</html>' }],
  ['a refusal that is cut off', { status: 402, body: Buffer.from('{"err_code":"ASR_PAYM') }, { status: 402, retryable: false }],
])('An answer that is %s is an error of Deepgram, with its status', async (_, answer, error) => {
  await expect(hear(answer)).rejects.toMatchObject({ name: 'ProviderError', provider: 'Deepgram', ...error })
})

test('A length that is no amount fails nothing, and is not paid for', async () => {
  const { transcript, paid } = await hear({ body: Buffer.from(JSON.stringify({ ...heard, metadata: { duration: 1e300 } })) })
  expect([transcript.words.length, paid]).toEqual([1, []])
})

test.each(['/', '/v1', '/v1/listen/'])('An address may end in the path of the API: %s', async (path) => {
  await hear({}, path)
  expect(server.calls.map((call) => call.path)).toEqual(['/v1/listen'])
})
