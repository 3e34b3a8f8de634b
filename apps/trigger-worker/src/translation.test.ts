import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { findFfmpeg, type Ffmpeg } from '@track-orchestrator/media-tasks'
import { makeClip, startTranslatorServer, type VendorServer } from '@track-orchestrator/media-tasks/testing'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { runDemo } from './demo/demo.ts'
import { readSpeechServices } from './environment.ts'
import { createLocalRunner } from './local-runner.ts'
import { deepgramAnswer } from './testing/clean-conversion.ts'
import { orchestrators, tracks } from './tracks.config.ts'

let folder: string
let ffmpeg: Ffmpeg
let url: string
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'translation-test-'))
  await mkdir(join(folder, 'clips'))
  ffmpeg = await findFfmpeg()
  const clip = await makeClip(ffmpeg, join(folder, 'clips', 'clip.webm'), { durationSeconds: 12, width: 160, height: 96 })
  url = pathToFileURL(clip.path).href
  await writeFile(join(folder, 'clips', 'clip.deepgram.json'), JSON.stringify(deepgramAnswer()))
})
afterAll(() => rm(folder, { recursive: true, force: true }))

/** What the model says of each sentence. In English, which is what flite speaks; the first one is too long at first. */
const translations: Readonly<Record<string, string>> = { 'One is the first.': 'The first of all is one.', 'Two comes after it.': 'After that comes two.', 'Three is the last of them.': 'The last one is three.' }

const startModel = () =>
  startTranslatorServer({
    apiKey: 'translator-key',
    translate: ({ text, tooLong }) => (text.startsWith('One') && tooLong === undefined ? `${translations[text]!} And much more is to be said of it, at length.` : translations[text]),
  })

const runnerWith = (speech: ReturnType<typeof readSpeechServices>) =>
  createLocalRunner({ ffmpeg, env: process.env, speech, storageFolder: join(folder, 'storage'), temporaryFolder: join(folder, 'temporary'), readableFolders: [join(folder, 'clips')] })
const input = { tenantId: 't', projectId: 'p', translateTo: 'en-GB' }
const translator = ({ url: server }: VendorServer) => readSpeechServices({ TRANSLATOR_API_KEY: 'translator-key', TRANSLATOR_BASE_URL: `${server}/v1`, TRANSLATOR_MODEL: 'a-model' })

test('TranslatedDubbing says the same in another language, each sentence at its time and short enough for it, and its subtitles are of what is said', async () => {
  const model = await startModel()
  try {
    const runner = await runnerWith(translator(model))
    const result = await runner.settleOrchestrator(orchestrators.TranslatedDubbing, { ...input, url, language: 'en-US', glossary: { Two: 'two' }, subtitles: 'file' })
    if (result.status !== 'succeeded') throw result.error
    const srt = await readFile(fileURLToPath(result.output.srtUrl!), 'utf8')
    expect(srt.split('\n').filter((line) => /^[A-Z]/.test(line))).toEqual(Object.values(translations))
    const audio = result.tracks['TranslatedAudioTrack'] as unknown as { output: { cues: { startSeconds: number; overrunSeconds: number; shiftedSeconds: number }[] } }
    expect(audio.output.cues.map(({ startSeconds, overrunSeconds, shiftedSeconds }) => [Math.round(startSeconds * 10) / 10, overrunSeconds, shiftedSeconds])).toEqual([[1, 0, 0], [4, 0, 0], [8.5, 0, 0]]) // prettier-ignore
    expect(result.output.durationSeconds).toBeCloseTo(12, 1)
    const [first, second] = model.calls.map(({ json }) => json as { model: string; messages: { content: string }[] })
    expect([first!.model, first!.messages[0]!.content]).toEqual(['a-model', expect.stringMatching(/from en-US into en-GB[^]*"Two":"two"/)])
    expect(JSON.parse(second!.messages[1]!.content)).toEqual({ segments: [expect.objectContaining({ id: 0, maxCharacters: 24, tooLong: expect.stringContaining('at length') as string })] })
    expect(model.calls.map(({ headers }) => headers['authorization'])).toEqual(['Bearer translator-key', 'Bearer translator-key'])
  } finally {
    await model.close()
  }
})

test('Where nobody translates, the flow says so and what to set, and the demo before anything is done', async () => {
  const runner = await runnerWith({})
  const result = await runner.settleTrack(tracks.TranslatedAudioTrack, { ...input, url })
  expect(result).toMatchObject({ status: 'failed', error: { retryable: false, message: expect.stringContaining('set TRANSLATOR_API_KEY and TRANSLATOR_MODEL') as string, place: { step: 'translate_segments' } } })
  let said = ''
  const stream = { isTTY: false, write: (text: string) => Boolean((said += text)) } as never
  const code = await runDemo({ arguments: ['--translateTo', 'de'], folder, env: { PATH: process.env['PATH'] }, stdout: stream, stderr: stream, signal: new AbortController().signal })
  expect([code, said]).toEqual([2, expect.stringContaining('set TRANSLATOR_API_KEY')])
  expect(() => readSpeechServices({ TRANSLATOR_API_KEY: 'k' })).toThrow('TRANSLATOR_MODEL is missing')
})
