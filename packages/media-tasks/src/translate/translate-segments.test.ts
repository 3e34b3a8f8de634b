import { addCosts } from '@track-orchestrator/registry'
import { createTestContext } from '@track-orchestrator/registry/testing'
import { afterEach, expect, test } from 'vitest'
import { startTranslatorServer, type TranslatorServerOptions } from '../testing/translator-server.ts'
import type { VendorFault, VendorServer } from '../testing/vendor-server.ts'
import { createTranslateSegmentsHandler } from './translate-segments.ts'

let server: VendorServer | undefined
afterEach(() => server?.close())

interface Body {
  readonly model: string
  readonly messages: readonly { readonly role: string; readonly content: string }[]
}

async function translating(translate: TranslatorServerOptions['translate'], { fault, finish }: { fault?: VendorFault; finish?: string } = {}) {
  server = await startTranslatorServer({ translate, apiKey: 'secret-key', finishReason: finish, fault: () => fault })
  return createTranslateSegmentsHandler({ apiKey: 'secret-key', baseUrl: `${server.url}/v1`, model: 'a-model' })
}

const segments = (count: number) => Array.from({ length: count }, (_, index) => ({ index, startSeconds: index * 3, endSeconds: index * 3 + 2, text: `Sentence ${index}.`, speaker: index % 2 }))
const bodies = () => server!.calls.map(({ json }) => json as Body)

test('every segment is translated, keeps its place, time and speaker, and the model is told its length, language and glossary', async () => {
  const handler = await translating(({ text }) => text.replace('Sentence', 'Satz'))
  const context = createTestContext()
  const given = segments(45)
  const { segments: made, language, durationSeconds, notes } = await handler({ segments: given, targetLanguage: 'de', sourceLanguage: 'en', glossary: { Track: 'Spur' }, durationSeconds: 140 }, context)
  expect(made).toEqual(given.map((segment, index) => ({ ...segment, text: `Satz ${index}.` })))
  expect({ language, durationSeconds, notes }).toEqual({ language: 'de', durationSeconds: 140, notes: undefined })
  expect(bodies()).toHaveLength(3)
  expect(addCosts(...context.paid.map(({ amount, unit }) => ({ [unit]: amount })))).toEqual({ input_tokens: 300, output_tokens: 30 })
  const [{ model, messages }] = bodies() as [Body]
  expect(model).toBe('a-model')
  expect(messages[0]!.content).toMatch(/from en into de .*[^]*"Track":"Spur"/)
  expect(messages[1]!.content).toContain('"maxCharacters":30')
  expect(context.progressed.at(-1)).toMatchObject({ fraction: 1, note: expect.stringMatching(/^translate: 45 of 45 segments, [\d.]+\/s$/) as string })
})

test('what is too long to be spoken in its time is asked for once more, shorter; where it stays so, that is said', async () => {
  const handler = await translating(({ id, tooLong }) => (id === 2 ? 'x'.repeat(70) : id === 1 && tooLong === undefined ? 'y'.repeat(60) : 'kurz'))
  const { segments: made, notes } = await handler({ segments: segments(3), targetLanguage: 'de' }, createTestContext())
  expect(made.map(({ text }) => text.length)).toEqual([4, 4, 70])
  expect(notes).toEqual(['1 of 3 translations are longer than what can be spoken in their time at a usual pace.'])
  expect(JSON.parse(bodies()[1]!.messages[1]!.content)).toEqual({ segments: [1, 2].map((id) => expect.objectContaining({ id, tooLong: expect.any(String) as string }) as unknown) })
})

test('what has no letters is not asked for, and stays as it is', async () => {
  const handler = await translating(() => 'Satz')
  const given = segments(3).map((segment) => (segment.index === 1 ? { ...segment, text: '♪ …' } : segment))
  const { segments: made } = await handler({ segments: given, targetLanguage: 'de' }, createTestContext())
  expect(made.map(({ text }) => text)).toEqual(['Satz', '♪ …', 'Satz'])
  expect(JSON.parse(bodies()[0]!.messages[1]!.content)).toMatchObject({ segments: [{ id: 0 }, { id: 2 }] })
})

test('the address may be that of the chat completions', async () => {
  server = await startTranslatorServer({ translate: () => 'Satz', apiKey: 'k' })
  await createTranslateSegmentsHandler({ apiKey: 'k', baseUrl: `${server.url}/v1/chat/completions/`, model: 'm' })({ segments: segments(1), targetLanguage: 'de' }, createTestContext())
  expect(server.calls.map(({ path }) => path)).toEqual(['/v1/chat/completions'])
})

test('an answer that is no good was paid for', async () => {
  const handler = await translating(() => 'x', { finish: 'length' })
  const context = createTestContext()
  await handler({ segments: segments(2), targetLanguage: 'de' }, context).catch(() => {})
  expect(context.paid).toEqual([{ amount: 100, unit: 'input_tokens' }, { amount: 10, unit: 'output_tokens' }])
})

test('nothing to translate asks nobody', async () => {
  const handler = await translating(() => 'x')
  expect((await handler({ segments: [], targetLanguage: 'de' }, createTestContext())).segments).toEqual([])
  expect(server!.calls).toEqual([])
})

/** What a model answers, as the service hands it on. */
const chat = (translations: readonly object[]): VendorFault => ({ kind: 'answered', contentType: 'application/json', body: Buffer.from(JSON.stringify({ choices: [{ message: { content: JSON.stringify({ translations }) } }], usage: { prompt_tokens: 1e300 } })) })

test.each<[string, Parameters<typeof translating>, object]>([
  ['a segment left out', [({ id }) => (id === 1 ? undefined : 'x')], { name: 'ProviderError', retryable: true, message: 'The translator left out 1 of 2 segments, the first of them 1' }],
  ['a segment given twice', [() => 'x', { fault: chat([{ id: 0, text: 'A' }, { id: 0, text: 'B' }, { id: 1, text: 'C' }]) }], { retryable: true, message: 'The translator gave several texts for segment 0' }],
  ['texts without ids', [() => 'x', { fault: chat([{ id: null, text: 'A' }, { text: 'B' }]) }], { retryable: true, message: expect.stringContaining('left out 2 of 2') }],
  ['an answer broken off', [() => 'x', { finish: 'length' }], { retryable: true, message: expect.stringContaining('broke off') }],
  ['a filter', [() => 'x', { finish: 'content_filter' }], { retryable: false, message: expect.stringContaining('filter') }],
  ['money used up', [() => 'x', { fault: { kind: 'refused', status: 429, body: { error: { code: 'insufficient_quota', message: 'You exceeded your current quota' } } } }], { retryable: false, status: 429, message: expect.stringContaining('insufficient_quota') }],
  ['too many calls', [() => 'x', { fault: { kind: 'refused', status: 429, headers: { 'retry-after': '3' }, body: { error: { message: 'Rate limit' } } } }], { retryable: true, retryAfterMs: 3_000 }],
  ['a web page', [() => 'x', { fault: { kind: 'garbage' } }], { retryable: true, message: expect.stringContaining('no JSON') }],
  ['a cut connection', [() => 'x', { fault: { kind: 'reset' } }], { retryable: true }],
])('%s is an error that says so', async (_, how, error) => {
  const handler = await translating(...how)
  const failure = await handler({ segments: segments(2), targetLanguage: 'de' }, createTestContext()).catch((thrown: unknown) => thrown)
  expect(failure).toMatchObject(error)
  expect(JSON.stringify(failure)).not.toContain('secret-key')
})

test.each([{ apiKey: 'k', model: '' }, { apiKey: '', model: 'm' }, { apiKey: 'k', model: 'm', baseUrl: 'ftp://x' }])('options that cannot be are refused at once: %j', (options) => {
  expect(() => createTranslateSegmentsHandler(options)).toThrow(expect.objectContaining({ code: 'definition_invalid' }) as Error)
})
