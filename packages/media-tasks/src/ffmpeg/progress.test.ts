import { expect, test } from 'vitest'
import { createProgressReader } from './progress.ts'

const block = (frame: number, fps: string, seconds: number, speed: string) =>
  [`frame=${frame}`, `fps=${fps}`, 'stream_0_0_q=28.0', 'bitrate=N/A', `out_time_us=${seconds * 1e6}`, 'dup_frames=0', `speed=${speed}`, 'progress=continue']

test('each block of progress becomes a fraction, with the rates that ffmpeg knows', () => {
  const told: unknown[] = []
  const reader = createProgressReader({ durationSeconds: 10, onProgress: (...progress) => told.push(progress) })
  const lines = [...block(0, '0.00', 0, 'N/A'), ...block(60, '69.31', 2, '2.31x'), ...block(300, '70', 12, '  2.4x')]
  expect(lines.every((line) => reader.read(line))).toBe(true)
  expect(told).toEqual([[0, undefined], [0.2, '69 frames/s, 2.31x'], [1, '70 frames/s, 2.4x']])
  expect(reader.frameCount()).toBe(300)
})

test('sound has a speed only, and what has no known length keeps its rate', () => {
  const told: unknown[] = []
  const reader = createProgressReader({ onProgress: (...progress) => told.push(progress) })
  for (const line of ['out_time_us=5000000', 'speed=1.2e+02x', 'progress=end']) reader.read(line)
  expect(told).toEqual([[0, '120x']])
  expect(reader.read('Stream #0: something else')).toBe(false)
})

test('what is over before ffmpeg knows a rate has one by the frames that were written', () => {
  const told: unknown[] = []
  const reader = createProgressReader({ durationSeconds: 10, onProgress: (...progress) => told.push(progress) })
  for (const line of block(300, '0.00', 0, 'N/A')) reader.read(line)
  expect(told).toEqual([[0, expect.stringMatching(/^\d+ frames\/s$/)]])
})
