import { truncate, writeFile } from 'node:fs/promises'
import { createTestContext } from '@track-orchestrator/registry/testing'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { createSpeechLadder } from '../speech/speech-ladder.ts'
import { openTestTools, type TestTools } from '../testing/test-tools.ts'
import { withWorkspace } from '../workspace.ts'
import { createRecordedSpeech } from './recorded.ts'

let media: TestTools
beforeAll(async () => {
  media = await openTestTools()
})
afterAll(() => media.close())

const answer = { results: { channels: [{ alternatives: [{ words: [{ word: 'hi', start: 1, end: 2 }] }] }] } }
beforeEach(() => writeFile(media.clipPath('movie.part.deepgram.json'), JSON.stringify(answer)))

function transcribe(sourceUrl: string | undefined, audioUrl = 'file:///elsewhere/sound.wav') {
  const context = createTestContext()
  const request = { audioUrl, audioPath: () => Promise.reject(new Error('not asked for')), sourceUrl, diarize: true, keyterms: [] }
  return withWorkspace(media.tools, context, {}, ({ signal, folder }) =>
    createRecordedSpeech(media.tools.storage).transcribe(request, { signal, folder, log: context.log, progress: () => {} }),
  )
}

describe('A recorded transcript', () => {
  test('is found beside the source, and says that it was recorded', async () => {
    const result = await transcribe(media.clipUrl('movie.part.webm'))
    expect(result?.transcript).toMatchObject({ provider: 'recorded', words: [{ text: 'hi', startSeconds: 1, endSeconds: 2 }] })
  })

  test('is found beside the sound where no source is named', async () => {
    expect(await transcribe(undefined, media.clipUrl('movie.part.wav'))).toBeDefined()
  })

  test.each([
    ['where there is none', () => media.clipUrl('other.webm')],
    ['in a folder that may not be read', () => 'file:///etc/movie.webm'],
    ['at an address that the storage does not read', () => 'https://example.org/movie.webm'],
    ['beside what is no URL', () => 'movie.webm'],
    ['beside a folder', () => 'file:///tmp/'],
  ])('is passed over %s', async (_, url) => {
    expect(await transcribe(url())).toBeUndefined()
  })

  test('is refused where it is as large as no transcript is, before it is read', async () => {
    await truncate(media.clipPath('movie.part.deepgram.json'), 600_000_000)
    const error = expect.objectContaining({ code: 'media/too_large', retryable: false, message: expect.stringContaining('600000000 bytes') })
    await expect(transcribe(media.clipUrl('movie.part.webm'))).rejects.toEqual(error)
  })

  test.each([
    ['no JSON', '{"results":'],
    ['another JSON', '{"text":"hi"}'],
  ])('is refused where it is %s, naming it', async (_, content) => {
    await writeFile(media.clipPath('movie.part.deepgram.json'), content)
    const error = expect.objectContaining({ retryable: false, message: expect.stringContaining('movie.part.deepgram.json is no recorded transcript') })
    await expect(transcribe(media.clipUrl('movie.part.webm'))).rejects.toEqual(error)
  })
})

describe('A ladder of listeners', () => {
  const rung = (name: string, heard: string | undefined) => ({
    name,
    transcribe: () => Promise.resolve(heard === undefined ? undefined : { transcript: { provider: heard, words: [], utterances: [] } }),
  })
  const ask = (...rungs: Parameters<typeof createSpeechLadder>[0][number][]) =>
    createSpeechLadder(rungs).transcribe({ audioUrl: 'x', audioPath: () => Promise.resolve('x'), diarize: true, keyterms: [] }, { ...createTestContext(), folder: '' })

  test('takes the first who can', async () => {
    expect(await ask(rung('a', undefined), rung('b', 'b'), rung('c', 'c'))).toMatchObject({ transcript: { provider: 'b' } })
  })

  test('goes no further when one of them fails', async () => {
    const failing = { name: 'a', transcribe: () => Promise.reject(new Error('the line is dead')) }
    await expect(ask(failing, rung('b', 'b'))).rejects.toThrow('the line is dead')
  })
})
