import { describe, expect, test } from 'vitest'
import { failure, segments, server, speak, start, textsAsked, useElevenLabs } from '../testing/elevenlabs-speech.ts'
import { modelOf } from './elevenlabs-models.ts'

useElevenLabs()

describe('A text that is longer than its model takes', () => {
  test('is spoken in pieces that end with sentences, each told what is said around it, and becomes one clip', async () => {
    await start()
    const sentence = 'He was not an ill-disposed young man, unless to be rather cold hearted. '
    const long = sentence.repeat(75).trim()
    const { segments: spoken, characters } = await speak(segments('Before.', long, 'After.'), { options: { model: 'eleven_v3' } })
    const asked = textsAsked().filter((text) => text.length > 20)
    expect(asked).toHaveLength(2)
    expect(asked.join(' ')).toBe(long)
    for (const text of asked) expect(text).toMatch(/hearted\.$/)
    expect(characters).toBe('Before.'.length + long.length + 'After.'.length)
    // A breath lies between the pieces; the tone of each is as long as its text.
    expect(spoken[1]!.spokenSeconds).toBeCloseTo((asked[0]!.length + asked[1]!.length) / 15 + 0.18, 0)
  })

  test.each([
    ['eleven_flash_v2_5', 40_000, true, true],
    ['eleven_turbo_v2', 30_000, true, true],
    ['eleven_multilingual_v2', 10_000, true, true],
    ['eleven_v3', 5_000, false, false],
    ['eleven_v3_conversational', 5_000, false, false],
    ['eleven_v9_unheard_of', 5_000, false, false],
  ])('%s takes %i characters, hears around: %s, has speed: %s', (name, mostCharacters, hearsAround, hasSpeed) => {
    expect(modelOf(name)).toEqual({ mostCharacters, hearsAround, hasSpeed })
  })
})

const refused = (status: number, code: string, message: string) => ({ kind: 'refused', status, body: { detail: { type: 'error', code, message } } }) as const

describe('What a plan does not have', () => {
  test('in formats: the next one is asked for, once for all that follow, and that is said', async () => {
    const formatOf = (query: readonly (readonly string[])[]) => query.find(([name]) => name === 'output_format')?.[1]
    await start({ formats: ['pcm_16000'] })
    const { segments: spoken, context } = await speak(segments('The first line.', 'The second line.'), { input: { concurrency: 1 } })
    expect(server.calls.map(({ query }) => formatOf(query))).toEqual(['pcm_24000', 'pcm_22050', 'pcm_16000', 'pcm_16000'])
    expect(spoken.map(({ spokenSeconds }) => spokenSeconds)).toEqual([1, 16 / 15].map((seconds) => expect.closeTo(seconds, 2) as number))
    expect(context.logged.map(({ message }) => message)).toEqual([expect.stringContaining('pcm_22050 is asked for instead'), expect.stringContaining('pcm_16000 is asked for instead')])
  })

  test('in formats at all: that is the error, and it is not tried again', async () => {
    await start({ formats: [] })
    expect(await failure(segments('A line.'))).toMatchObject({ code: 'provider_failed', retryable: false, message: expect.stringContaining('output_format_not_allowed') as string })
  })

  test.each([401, 402, 429])('in credits, told with %i: a ProviderError that says so, and is not tried again', async (status) => {
    await start({ fault: () => refused(status, 'quota_exceeded', 'You have 0 credits remaining') })
    expect(await failure(segments('A line.'))).toMatchObject({ status, retryable: false, message: expect.stringContaining('quota_exceeded: You have 0 credits remaining') as string })
    expect(server.calls).toHaveLength(1)
  })

  test.each(['voice_not_found', 'voice_disabled', 'invalid_uid'])('in voices (%s): that is said by the voice', async (code) => {
    await start({ fault: () => refused(404, code, 'It is gone.') })
    expect(await failure(segments('A line.'), { input: { voice: 'gone-voice' } })).toMatchObject({ code: 'media/voice_unknown', retryable: false, message: expect.stringContaining('"gone-voice"') as string })
  })
})
