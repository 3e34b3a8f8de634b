import { stat } from 'node:fs/promises'
import { DefinitionError } from '@track-orchestrator/registry'
import { createTestContext } from '@track-orchestrator/registry/testing'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { createMediaHandlers, createMediaThumbnailHandler, findFfmpeg } from './index.ts'
import { createPocketsphinx } from './offline-speech/index.ts'
import { makeClip } from './testing/make-clip.ts'
import { openTestTools, type TestTools } from './testing/test-tools.ts'

let media: TestTools
beforeAll(async () => {
  media = await openTestTools()
})
afterAll(() => media.close())

test.each([
  [{ ffmpeg: undefined }, 'createMediaHandlers: ffmpeg is required: give what findFfmpeg() gives (await it).'],
  [{ ffmpeg: Promise.resolve() }, 'ffmpeg must be what findFfmpeg() gives (await it), not an object.'],
  [{ storage: {} }, 'storage must be an object with put()'],
  [{ textToSpeech: undefined }, 'textToSpeech is required'],
  [{ limits: { frames: 0 } }, 'createMediaHandlers: limits.frames must be a whole number from 1 to 20,000,000, not 0.'],
  [{ limits: { frame: 1 } }, 'limits.frame is no option. Did you mean "frames"?'],
  [{ limits: { memoryBytes: 1_000 } }, 'limits.memoryBytes'],
  [{ encoderThreads: -1 }, 'encoderThreads'],
  [{ encoderThreads: 2.5 }, 'encoderThreads'],
  [{ download: { wholeMs: 0 } }, 'wholeMs'],
  [{ temporaryFolder: '' }, 'temporaryFolder'],
  [{ temporyFolder: '/tmp' }, 'Did you mean "temporaryFolder"?'],
])('%o is refused when it is given', (wrong, message) => {
  const give = () => createMediaHandlers({ ...media.tools, ...(wrong as object) })
  expect(give).toThrow(DefinitionError)
  expect(give).toThrow(message)
})

test('what is undefined is the default, in the limits too', () => {
  expect(Object.keys(createMediaHandlers({ ...media.tools, encoderThreads: undefined, limits: { frames: undefined }, download: undefined, temporaryFolder: undefined }))).toContain('media_probe')
})

test('those who find ffmpeg or are given one check it alike', async () => {
  await expect(findFfmpeg({ env: { PATH: 1 } } as never)).rejects.toThrow('findFfmpeg: env.PATH must be a text, not 1.')
  await expect(findFfmpeg({ path: '/usr/bin' } as never)).rejects.toThrow('findFfmpeg: path is no option.')
  expect(() => createPocketsphinx({} as never)).toThrow('createPocketsphinx: ffmpeg is required')
})

test('a handler alone needs ffmpeg and a storage, and takes an input without its defaults', async () => {
  const { ffmpeg, storage } = media.tools
  await makeClip(ffmpeg, media.clipPath('alone.webm'), { durationSeconds: 1 })
  const thumbnail = createMediaThumbnailHandler({ ffmpeg, storage })
  const { imageUrl, width, height } = await thumbnail({ url: media.clipUrl('alone.webm') }, createTestContext({ taskName: 'media_thumbnail' }))
  expect({ width, height }).toEqual({ width: 320, height: 180 })
  expect((await stat(media.pathOf(imageUrl))).size).toBeGreaterThan(500)
  await expect(thumbnail({ url: media.clipUrl('alone.webm'), width: 1 }, createTestContext())).rejects.toMatchObject({ name: 'ContractError' })
})
