import { readFile } from 'node:fs/promises'
import { addCosts } from '@track-orchestrator/registry'
import { describe, expect, test } from 'vitest'
import { apiKey, letters, media, segments, server, speak, start, textsAsked, useElevenLabs, voice } from '../testing/elevenlabs-speech.ts'
import { createElevenLabs } from './elevenlabs.ts'

useElevenLabs()

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
    expect(addCosts(...context.paid.map(({ amount, unit }) => ({ [unit]: amount })))).toEqual({ characters: 16 })
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

  test('is asked for the pace that fits the time of each cue; Eleven v3, which would pass over it, is not', async () => {
    await start()
    const line = { index: 0, startSeconds: 1, endSeconds: 3, text: 'He was not an ill-disposed person' }
    const { segments: spoken } = await speak([line], { input: { fitSpeed: true } })
    expect(spoken[0]).toMatchObject({ voiceSpeed: 1.1, spokenSeconds: expect.closeTo(2, 2) as number })
    await speak([line], { input: { fitSpeed: true }, options: { model: 'eleven_v3' } })
    expect(server.calls.map(({ json }) => (json as { voice_settings?: object }).voice_settings)).toEqual([{ speed: 1.1 }, undefined])
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
    expect([first, second].map(({ context }) => context.paid.reduce((sum, { amount }) => sum + amount, 0))).toEqual([48, 0])
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
