import { describe, expect, test } from 'vitest'
import { readFacts } from './probe-facts.ts'
import { requireVideo } from './probe-media.ts'

const video = (stream: object) => readFacts({ streams: [{ codec_type: 'video', ...stream }] }).video[0]

describe('The rotation of a picture', () => {
  const matrix = (rotation: number) => ({ side_data_list: [{ side_data_type: 'CPB properties' }, { side_data_type: 'Display Matrix', rotation }] })
  test.each([
    [matrix(-90), 90],
    [matrix(90), 270],
    [matrix(180), 180],
    [matrix(-180), 180],
    [matrix(-270), 270],
    [matrix(0), 0],
    [matrix(-89.6), 90],
    [{ tags: { rotate: '90' } }, 90],
    [{ tags: { rotate: '270' } }, 270],
    [{ tags: { rotate: '-90' } }, 270],
    [{ ...matrix(-90), tags: { rotate: '90' } }, 90],
    [{ tags: { rotate: 'sideways' } }, 0],
    [{}, 0],
  ])('in %j is %i clockwise', (stream, degrees) => {
    expect(video(stream)?.rotationDegrees).toBe(degrees)
  })
})

test('A cover picture is no video, but keeps its place among the video streams', () => {
  const { video: streams } = readFacts({
    streams: [
      { codec_type: 'video', codec_name: 'mjpeg', disposition: { attached_pic: 1 } },
      { codec_type: 'audio', codec_name: 'mp3' },
      { codec_type: 'video', codec_name: 'h264', disposition: { default: 1 } },
    ],
  })
  expect(streams).toMatchObject([{ index: 1, codec: 'h264', isDefault: true }])
})

test('A picture of one row or column is refused before anything is made of it', () => {
  const facts = (size: object) => readFacts({ streams: [{ codec_type: 'video', codec_name: 'ffv1', ...size }] })
  for (const size of [{ width: 1, height: 1 }, { width: 640, height: 1 }]) expect(() => requireVideo(facts(size))).toThrow(expect.objectContaining({ code: 'media/format_refused', message: expect.stringContaining(`${size.width}x1`) as string }) as Error)
  expect(requireVideo(facts({ width: 2, height: 2 }))).toMatchObject({ width: 2 })
})

test('The length of a stream is taken from its tag where Matroska puts it', () => {
  expect(video({ tags: { DURATION: '01:02:03.500000000' } })?.durationSeconds).toBe(3_723.5)
})

test('What a file does not say is left out', () => {
  expect(readFacts({ format: { format_name: 'matroska,webm', duration: 'N/A', size: '10' }, streams: [{ codec_type: 'audio' }] })).toEqual({
    container: 'matroska,webm',
    sizeBytes: 10,
    video: [],
    audio: [{ index: 0, codec: 'unknown', startSeconds: 0, isDefault: false, sampleRateHz: 0, channels: 0 }],
    subtitleCount: 0,
  })
  expect(readFacts({})).toMatchObject({ container: 'unknown', video: [], audio: [] })
})
