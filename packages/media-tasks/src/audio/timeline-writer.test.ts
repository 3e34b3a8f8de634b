import { mkdtemp, open, readFile, rm, stat } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { createTimelineWriter } from './timeline-writer.ts'
import { pcmSamples, readPlainWav, wavFile, wavHeader } from '../wav-file.ts'

let folder: string
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'timeline-'))
})
afterAll(() => rm(folder, { recursive: true }))

const path = () => join(folder, 'timeline.wav')

async function lay(clips: readonly (readonly [number, readonly number[]])[], sampleCount?: number): Promise<number[]> {
  const timeline = await createTimelineWriter(path(), 8_000)
  for (const [start, samples] of clips) await timeline.add(Int16Array.from(samples), start)
  await timeline.finish(sampleCount)
  await timeline.close()
  return [...pcmSamples((await readFile(path())).subarray(44))]
}

describe('A timeline', () => {
  test('has each clip at its place and silence between them, at half their loudness', async () => {
    expect(await lay([[2, [100, 200]], [6, [300]]], 8)).toEqual([0, 0, 50, 100, 0, 0, 150, 0]) // prettier-ignore
  })

  test('adds clips that overlap, even where the first lasts longer', async () => {
    expect(await lay([[0, [10, 10, 10, 10]], [1, [100, 100]], [2, [1_000]]])).toEqual([5, 55, 555, 5]) // prettier-ignore
  })

  test('holds two voices at full loudness without clipping, and three at the limit', async () => {
    expect(await lay([[0, [32_767, -32_768]], [0, [32_767, -32_768]]])).toEqual([32_767, -32_768]) // prettier-ignore
    expect(await lay([[0, [32_767, -32_768]], [0, [32_767, -32_768]], [0, [32_767, -32_768]]])).toEqual([32_767, -32_768]) // prettier-ignore
  })

  test('is cut at its end, or filled up to it', async () => {
    expect(await lay([[1, [100, 100, 100]]], 2)).toEqual([0, 50])
    expect(await lay([], 3)).toEqual([0, 0, 0])
    expect(await lay([])).toEqual([])
  })

  test('says its length in its header', async () => {
    await lay([[0, [1, 2, 3]]], 10)
    expect(await readPlainWav(path())).toEqual({ sampleRateHz: 8_000, sampleCount: 10, firstByte: 44 })
  })

  test('takes clips in the order of their starts only', async () => {
    const timeline = await createTimelineWriter(path(), 8_000)
    await timeline.add(Int16Array.of(1), 5)
    await expect(timeline.add(Int16Array.of(1), 4)).rejects.toThrow(RangeError)
    await timeline.close()
  })

  test('of an hour takes no more memory than one of a minute', async () => {
    const rate = 24_000
    const clip = new Int16Array(3 * rate).fill(1_000)
    const timeline = await createTimelineWriter(path(), rate)
    let most = 0
    const before = process.memoryUsage.rss()
    for (let second = 0; second < 3_600; second += 4) {
      await timeline.add(clip, second * rate)
      most = Math.max(most, process.memoryUsage.rss() - before)
    }
    await timeline.finish(3_600 * rate)
    await timeline.close()
    const { size } = await stat(path())
    expect(size).toBe(44 + 3_600 * rate * 2)
    expect(await readPlainWav(path())).toMatchObject({ sampleCount: 3_600 * rate })
    expect(most).toBeLessThan(60 * 1_024 ** 2) // the file has 165 MiB
  })
})

describe('A WAV file', () => {
  test('that is not plain 16-bit PCM of one channel is left to ffmpeg', async () => {
    const stereo = wavFile(Int16Array.of(1, 2), 8_000)
    stereo.writeUInt16LE(2, 22)
    for (const bytes of [stereo, Buffer.from('RIFF'), Buffer.from('ID3 and so on, as an MP3 begins, long enough to look at'), Buffer.alloc(0)]) {
      const file = await open(path(), 'w')
      await file.writeFile(bytes)
      await file.close()
      expect(await readPlainWav(path())).toBeUndefined()
    }
  })

  test('cannot hold more than 4 GiB', () => {
    expect(() => wavHeader(2 ** 31, 48_000)).toThrow(expect.objectContaining({ code: 'media/too_long' }))
    expect(wavHeader(2 ** 31 - 19, 48_000).readUInt32LE(4)).toBe(2 ** 32 - 2)
  })
})
