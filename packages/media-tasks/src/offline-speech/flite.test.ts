import { execFile } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { DefinitionError } from '@track-orchestrator/registry'
import { createTestContext } from '@track-orchestrator/registry/testing'
import { describe, expect, test } from 'vitest'
import { soundingSpan } from '../sounding-span.ts'
import { createFlite } from './flite.ts'

const flite = createFlite({ idleMs: 500 })
const context = (signal = new AbortController().signal) => {
  const { log, logged } = createTestContext()
  return { signal, log, logged, folder: '/nowhere', progress: () => {} }
}
const say = (text: string, voice?: string) => flite.speak({ text, voice }, context())

test.each<[object, string]>([
  [{ processes: 0 }, 'createFlite: processes must be a whole number from 1 to 64, not 0.'],
  [{ processes: Number.NaN }, 'not NaN'],
  [{ idleMs: -1 }, 'createFlite: idleMs must be a number of milliseconds'],
  [{ idleMs: 30 * 86_400_000 }, 'idleMs'],
  [{ proceses: 2 }, 'Did you mean "processes"?'],
])('options %o are refused when they are given', (options, message) => {
  expect(() => createFlite(options)).toThrow(DefinitionError)
  expect(() => createFlite(options)).toThrow(message)
})

test('undefined options mean the defaults', () => {
  expect(createFlite({ processes: undefined, idleMs: undefined }).name).toBe('flite')
})

describe('flite', () => {
  test('speaks: sound of a likely length, 16 kHz, with the characters it was given', async () => {
    const { samples, sampleRateHz, voice, characters } = await say('Hello there, how are you?')
    const span = soundingSpan(samples, sampleRateHz)
    expect(sampleRateHz).toBe(16_000)
    expect(voice).toBe('rms')
    expect(characters).toBe(25)
    expect((span?.end ?? 0) - (span?.start ?? 0)).toBeGreaterThan(1 * sampleRateHz)
    expect(samples.length).toBeLessThan(3 * sampleRateHz)
  })

  test('says the same words in the same way each time, and differently with each voice', async () => {
    const voices = flite.voices ?? []
    const clips = await Promise.all([...voices, 'rms'].map((voice) => say('Good morning.', voice)))
    expect(voices).toEqual(['rms', 'slt', 'kal', 'awb'])
    expect(new Set(clips.map(({ samples }) => Buffer.from(samples.buffer).toString('base64'))).size).toBe(voices.length)
    expect(clips.map(({ sampleRateHz }) => sampleRateHz)).toEqual(clips.map(() => 16_000))
  })

  test('refuses a voice it does not have, naming those it has', async () => {
    const error = expect.objectContaining({ code: 'media/voice_unknown', retryable: false, message: expect.stringContaining('rms, slt, kal, awb') })
    for (const voice of ['toString', '../kal', 'kal -o /tmp/x', '']) await expect(say('Hello', voice)).rejects.toEqual(error)
  })

  test.each(['', '  \n ', '...', '♪', '\u0000\u0007'])('says nothing for %j', async (text) => {
    const { samples, characters } = await say(text)
    expect(samples).toHaveLength(0)
    expect(characters).toBe(0)
  })

  test.each(['日本語', 'Привет', 'नमस्ते', 'مرحبا'])('refuses %s, of which it could read nothing, and says so beforehand', async (text) => {
    await expect(say(text)).rejects.toMatchObject({ code: 'media/text_unspoken', retryable: false, message: expect.stringContaining(text) as string })
    expect(flite.refuses?.({ text })).toContain('Latin letters')
    expect(flite.refuses?.({ text: `${text} and more` })).toBeUndefined()
  })

  test('speaks at the pace it is asked for, each voice by its own', async () => {
    for (const voice of ['rms', 'kal']) {
      const lengths = await Promise.all([0.8, 1, 1.25].map(async (speed) => (await flite.speak({ text: 'Had he married a more amiable woman.', voice, voiceSettings: { speed } }, context())).samples.length))
      expect(lengths[0]! * 0.8).toBeCloseTo(lengths[1]!, -3.5)
      expect(lengths[2]! * 1.25).toBeCloseTo(lengths[1]!, -3.5)
    }
  })

  test('reads whatever strangers write as words, and lives', async () => {
    const texts = ['-voice kal -o /tmp/owned', '$(reboot) `id` ; rm -rf /', '%s%s%n %p', '<speak><break time="10h"/></speak>', 'a'.repeat(300), '1'.repeat(100), '((((((', '\\n\\0 "\'"']
    const clips = await Promise.all(texts.map((text) => say(text)))
    expect(clips.every(({ sampleRateHz }) => sampleRateHz === 16_000)).toBe(true)
    expect((await say('still here')).samples.length).toBeGreaterThan(8_000)
  })

  test('reads a long text to its end', async () => {
    const { samples, sampleRateHz } = await say('This is one sentence of many. '.repeat(40))
    expect(samples.length / sampleRateHz).toBeGreaterThan(60)
  })

  test('what waits for its turn is cancelled at once, and leaves the others alone', async () => {
    const cancel = new AbortController()
    let ended = false
    const long = flite.speak({ text: 'This is one sentence of many. '.repeat(300) }, context()).finally(() => (ended = true))
    const waiting = flite.speak({ text: 'Hello' }, context(cancel.signal))
    cancel.abort()
    await expect(waiting).rejects.toMatchObject({ name: 'CancelledError', code: 'cancelled' })
    expect(ended).toBe(false)
    expect((await long).samples.length).toBeGreaterThan(100_000)
  })

  test('stops in the middle when it is cancelled, and can speak again', async () => {
    const cancel = new AbortController()
    const speaking = flite.speak({ text: 'This is one sentence of many. '.repeat(2_000) }, context(cancel.signal))
    setTimeout(() => cancel.abort(), 200)
    await expect(speaking).rejects.toMatchObject({ code: 'cancelled' })
    await expect(flite.speak({ text: 'Hello' }, context(AbortSignal.abort()))).rejects.toMatchObject({ code: 'cancelled' })
    expect((await say('Hello')).samples.length).toBeGreaterThan(8_000)
  })

  test('lets a process end that has finished speaking, without a word on the terminal', async () => {
    const flitePath = fileURLToPath(new URL('./flite.ts', import.meta.url))
    const program = `
      import { createFlite } from ${JSON.stringify(flitePath)}
      const log = { debug() {}, info() {}, warn() {}, error() {} }
      const { samples } = await createFlite().speak({ text: 'Hello' }, { signal: new AbortController().signal, log, folder: '', progress() {} })
      process.stdout.write(String(samples.length > 8000))
    `
    const args = ['--conditions=@track-orchestrator/source', '--import', 'tsx', '--input-type=module', '-e', program]
    const { stdout, stderr } = await promisify(execFile)(process.execPath, args, { timeout: 120_000, cwd: fileURLToPath(new URL('.', import.meta.url)) })
    expect({ stdout, stderr }).toEqual({ stdout: 'true', stderr: '' })
  })
})
