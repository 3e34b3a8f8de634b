import { readFile, stat, writeFile } from 'node:fs/promises'
import { createTestContext } from '@track-orchestrator/registry/testing'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { measureVideo, ownVideo } from '../ffmpeg/measure-video.ts'
import { readPackets, type Packet } from '../ffmpeg/packets.ts'
import { runFfmpeg } from '../ffmpeg/run-ffmpeg.ts'
import { makeClip, type ClipOptions } from '../testing/make-clip.ts'
import { readBoxes } from '../testing/read-clip.ts'
import { openTestTools, type TestTools } from '../testing/test-tools.ts'
import { withWorkspace } from '../workspace.ts'
import { measureMp4, measureMp4Sound } from './measure-mp4.ts'
import { readMp4Tracks } from './mp4-tracks.ts'
import { writeMp4, type Mp4Extent } from './write-mp4.ts'

let media: TestTools
beforeAll(async () => {
  media = await openTestTools()
})
afterAll(() => media.close())

const h264 = { videoCodec: 'h264', audioCodecs: ['aac'] } as const
const clips: readonly (readonly [string, ClipOptions])[] = [
  ['with pictures that refer to later ones', { ...h264 }],
  ['with uneven pictures', { ...h264, variableFrameRate: true }],
  ['whose picture begins late', { ...h264, videoStartSeconds: 0.4 }],
  ['with an index at the front', { ...h264, extraOptions: ['-movflags', '+faststart'] }],
  ['without sound', { ...h264, audioCodecs: [] }],
]

async function make(name: string, options: ClipOptions): Promise<string> {
  const path = media.clipPath(`${name.replaceAll(' ', '-')}.mp4`)
  await makeClip(media.tools.ffmpeg, path, { durationSeconds: 3, ...options })
  return path
}
const trim = (from: string, to: string) =>
  runFfmpeg(media.tools.ffmpeg, { what: 'trim', inputs: [{ path: from, options: ['-ss', '0.5'] }], options: ['-c', 'copy'], output: to })

async function byFfprobe(path: string, stream: string): Promise<Packet[]> {
  const packets: Packet[] = []
  for await (const packet of readPackets(media.tools.ffmpeg, path, stream, { limits: media.tools.limits })) packets.push(packet)
  return packets
}
const rounded = ({ ptsSeconds, isKey, isCutOff }: Packet) => ({ ptsSeconds: Math.round(ptsSeconds * 100_000), isKey, isCutOff })

test.each(clips)('The index of an MP4 %s lists what ffprobe lists of it', async (name, options) => {
  const path = await make(name, options)
  const tracks = await readMp4Tracks(path)
  const picture = tracks!.find(({ kind }) => kind === 'picture')!
  expect([...picture.packets()].map(rounded)).toEqual((await byFfprobe(path, 'v:0')).map(rounded))
  const sound = tracks!.find(({ kind }) => kind === 'sound')
  expect(sound === undefined).toBe(options.audioCodecs?.length === 0)
  // What the encoder needs before the first sound is flagged by ffprobe in other ways; when sounds are heard is the same.
  const heard = (packets: readonly Packet[]) => packets.filter(({ ptsSeconds }) => ptsSeconds >= 0).map(({ ptsSeconds }) => Math.round(ptsSeconds * 100_000))
  if (sound) expect(heard([...sound.packets()])).toEqual(heard(await byFfprobe(path, 'a:0')))
})

test('Pictures that an edit list hides are counted as ffprobe counts them', async () => {
  const path = media.clipPath('hidden.mp4')
  await trim(await make('to be trimmed', { ...h264, audioCodecs: [], keyframes: 1 }), path)
  const { cutOffCount, frameCount, firstSeconds, durationSeconds } = await measureMp4(media.tools.ffmpeg, path, ownVideo, { limits: media.tools.limits })
  expect(cutOffCount).toBeGreaterThan(0)
  expect(await measureVideo(media.tools.ffmpeg, path, ownVideo, { limits: media.tools.limits })).toMatchObject({ cutOffCount, frameCount, firstSeconds: expect.closeTo(firstSeconds, 5), durationSeconds: expect.closeTo(durationSeconds, 5) })
})

test('What cannot be read so is read by ffprobe', async () => {
  const path = await make('in fragments', { ...h264, extraOptions: ['-movflags', '+frag_keyframe+empty_moov'] })
  const { frameCount } = await measureMp4(media.tools.ffmpeg, path, ownVideo, { limits: media.tools.limits })
  expect(frameCount).toBe(90)
  expect((await measureMp4Sound(media.tools.ffmpeg, path, { limits: media.tools.limits })).durationSeconds).toBeCloseTo(3, 0)
  await writeFile(media.clipPath('none.mp4'), (await readFile(path)).subarray(0, 40))
  expect(await readMp4Tracks(media.clipPath('none.mp4'))).toBeUndefined()
})

const rewrite = (path: string, extent: Mp4Extent) =>
  withWorkspace(media.tools, createTestContext({ taskName: 'rewrite' }), {}, async (workspace) => {
    await writeMp4(workspace, { what: 'write it again', inputs: [{ path }], options: ['-c', 'copy'], output: 'again.mp4' }, extent, {})
    const again = workspace.path('again.mp4')
    return { boxes: await readBoxes(again), tracks: (await readMp4Tracks(again))?.map(({ packets }) => [...packets()].length), size: (await stat(again)).size }
  })

test('The index of what we write stands before the media, in the room that was left for it or, where that is too small, in that of a second writing', async () => {
  const path = await make('to be written', { ...h264, durationSeconds: 30, width: 64, height: 64, frameRate: '60/1' })
  const fitting = await rewrite(path, { frameCount: 1_800, variableFrameRate: false, soundSeconds: 30 })
  const tooSmall = await rewrite(path, { frameCount: 1, variableFrameRate: false })
  for (const { boxes, tracks } of [fitting, tooSmall]) {
    expect(boxes.indexOf('moov')).toBeLessThan(boxes.indexOf('mdat'))
    expect(tracks).toEqual([1_800, expect.any(Number)])
  }
  expect(fitting.size - tooSmall.size).toBeGreaterThan(0)
  expect(fitting.size - tooSmall.size).toBeLessThan(40_000)
})
