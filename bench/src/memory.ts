import { execFile } from 'node:child_process'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { promisify } from 'node:util'
import { findFfmpeg } from '@track-orchestrator/media-tasks'
import type { Measurement } from './measurement.ts'
import { tellOf } from './tell-of.ts'

const minutes = 60
const limitMegabytes = 200

/** Peak memory of the Node process while the flagship flow runs on a long video: it must not grow with the length. */
export async function measureMemory(): Promise<Measurement[]> {
  const folder = await mkdtemp(join(tmpdir(), 'bench-memory-'))
  try {
    const video = join(folder, 'long.webm')
    const { ffmpegPath } = await findFfmpeg()
    const sources = ['-f', 'lavfi', '-i', 'testsrc2=size=160x90:rate=10', '-f', 'lavfi', '-i', 'sine=frequency=300:sample_rate=48000']
    const codecs = ['-c:v', 'libvpx', '-deadline', 'realtime', '-cpu-used', '8', '-b:v', '80k', '-g', '100', '-c:a', 'libopus', '-b:a', '32k']
    await promisify(execFile)(ffmpegPath, ['-v', 'error', ...sources, '-t', String(minutes * 60), ...codecs, video])
    await writeFile(join(folder, 'long.deepgram.json'), JSON.stringify(longTranscript()))
    const peakMegabytes = (await tellOf<number>('memory-child.mjs', pathToFileURL(video).href, join(folder, 'storage'))) / 1_024
    const detail = `peak ${peakMegabytes.toFixed(0)} MB of ${limitMegabytes} MB, ${minutes} minutes of video, ${longTranscript().results.utterances.length} cues`
    return [{ name: 'memory of the Node process', ratio: peakMegabytes / limitMegabytes, limit: 1, detail }]
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

/** A sentence every six seconds, as Deepgram would answer. */
function longTranscript() {
  const sentence = 'This is one of many sentences that somebody says in a long video.'.split(' ')
  const utterances = Array.from({ length: minutes * 10 }, (_, index) => {
    const words = sentence.map((word, place) => ({ word, punctuated_word: word, start: index * 6 + place * 0.3, end: index * 6 + place * 0.3 + 0.28, confidence: 1 }))
    return { start: words[0]!.start, end: words.at(-1)!.end, confidence: 1, transcript: sentence.join(' '), words }
  })
  return { metadata: {}, results: { channels: [{ alternatives: [{ transcript: '', words: utterances.flatMap(({ words }) => words) }] }], utterances } }
}
