import { execFile } from 'node:child_process'
import { readFile } from 'node:fs/promises'
import { promisify } from 'node:util'
import type { Ffmpeg } from '@track-orchestrator/media-tasks'
import { compareClip, type Clip } from '@track-orchestrator/media-tasks/testing'
import { expect } from 'vitest'

const run = promisify(execFile)

/** When each sentence begins and ends, on the clock of the clip. */
export const sentences = [
  { text: 'One is the first.', start: 1, end: 2.6 },
  { text: 'Two comes after it.', start: 4.02, end: 5.6 },
  { text: 'Three is the last of them.', start: 8.5, end: 10.4 },
]

/** Where the results of a conversion lie on this machine. */
export interface Converted {
  readonly mp4: string
  readonly srt: string
}

/** Expects that the clip became one clean MP4: every frame once and at its time, each cue spoken at its time, as loud as it should be. */
export async function expectClean(ffmpeg: Ffmpeg, clip: Clip, converted: Converted): Promise<void> {
  const frame = 1 / 60
  const { soundDriftSeconds: _beepsAreGone, ...compared } = await compareClip(ffmpeg, clip, converted.mp4)
  expect(compared).toMatchObject({ frameCount: clip.frameTimes.length, lost: 0, doubled: 0, reordered: 0, unreadable: 0, videoCodec: 'h264', pixelFormat: 'yuv420p', audioCodec: 'aac', isFaststart: true })
  expect(compared.frameDriftSeconds).toBeLessThan(0.002)
  expect(Math.min(Math.abs(compared.videoStartSeconds), Math.abs(compared.audioStartSeconds!))).toBe(0)
  expect(Math.abs(compared.audioSeconds! - compared.videoSeconds)).toBeLessThan(2 * frame)

  const srt = await readFile(converted.srt, 'utf8')
  const cueStarts = [...srt.matchAll(/^(\d+):(\d+):(\d+),(\d+) -->/gm)].map(([, h, m, s, ms]) => Number(h) * 3_600 + Number(m) * 60 + Number(s) + Number(ms) / 1_000)
  expect(cueStarts).toHaveLength(sentences.length)
  const onsets = await onsetsAfterSilence(ffmpeg, converted.mp4)
  for (const cue of cueStarts) expect(Math.min(...onsets.map((onset) => Math.abs(onset - cue)))).toBeLessThan(0.02)
  expect(Math.abs((await loudnessLufs(ffmpeg, converted.mp4)) + 16)).toBeLessThan(1)
}

/** What Deepgram answers to the clip's sound. */
export function deepgramAnswer() {
  const utterances = sentences.map(({ text, start, end }) => {
    const parts = text.split(' ')
    const length = (end - start) / parts.length
    const words = parts.map((word, index) => ({ word, punctuated_word: word, start: start + index * length, end: start + (index + 1) * length, confidence: 1 }))
    return { start, end, transcript: text, confidence: 1, words }
  })
  return { metadata: {}, results: { channels: [{ alternatives: [{ transcript: '', words: utterances.flatMap(({ words }) => words) }] }], utterances } }
}

/** Where sound begins after at least 0.3 s of silence, in seconds. */
async function onsetsAfterSilence({ ffmpegPath }: Ffmpeg, path: string): Promise<number[]> {
  const { stdout } = await run(ffmpegPath, ['-v', 'error', '-i', path, '-map', '0:a:0', '-ac', '1', '-ar', '48000', '-f', 's16le', 'pipe:1'], { encoding: 'buffer', maxBuffer: 1 << 28 })
  const onsets: number[] = []
  let quietSince = -Infinity
  for (let sample = 0; sample < stdout.length / 2; sample++) {
    if (Math.abs(stdout.readInt16LE(sample * 2)) < 300) continue
    if (sample - quietSince > 0.3 * 48_000) onsets.push(sample / 48_000)
    quietSince = sample
  }
  return onsets
}

async function loudnessLufs({ ffmpegPath }: Ffmpeg, path: string): Promise<number> {
  const { stderr } = await run(ffmpegPath, ['-hide_banner', '-nostats', '-i', path, '-map', '0:a:0', '-af', 'ebur128', '-f', 'null', '-'], { maxBuffer: 1 << 26 })
  return Number(/Integrated loudness:\s+I:\s+(-?[\d.]+) LUFS/.exec(stderr)?.[1])
}
