import { execFile } from 'node:child_process'
import { chmod, mkdir, mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { promisify } from 'node:util'
import { cleanUpRun, createFileStorage, findFfmpeg, type Ffmpeg } from '@track-orchestrator/media-tasks'
import { startDeepgramServer, startElevenLabsServer } from '@track-orchestrator/media-tasks/testing'
import { createLocalRunner } from '@track-orchestrator/trigger-worker/src/local-runner.ts'
import { orchestrators } from '@track-orchestrator/trigger-worker/src/tracks.config.ts'
import type { Measurement } from './measurement.ts'
import { spent, type Spent } from './spent.ts'

const run = promisify(execFile)
const base = { tenantId: 'bench', projectId: 'bench' }
/** In parts, as VoiceConversion does it where nothing else is said. */
const parts = 10
/** Processes that a conversion may start beside two for each part; those that speak are not counted. */
const besideParts = 8

/** What VoiceConversion costs on this machine against the two commands that somebody would write by hand, with speech services that answer at once. */
export async function measureFlagship(): Promise<Measurement[]> {
  const folder = await mkdtemp(join(tmpdir(), 'bench-flagship-'))
  try {
    const measured: Measurement[] = []
    for (const [seconds, limit] of [[60, 1.15], [180, 1.08]] as const) measured.push(...(await measureLength(folder, seconds, limit)))
    return measured
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

interface Cost extends Spent {
  readonly wallSeconds: number
}

async function measureLength(parent: string, seconds: number, limit: number): Promise<Measurement[]> {
  const folder = join(parent, String(seconds))
  await mkdir(folder)
  const real = await findFfmpeg()
  const clip = await makeTalk(real, folder, seconds)
  const counted = await countingFfmpeg(real, folder)
  const deepgram = await startDeepgramServer({ answer: saidEvery(5, seconds) })
  const elevenLabs = await startElevenLabsServer()
  try {
    const storageFolder = join(folder, 'storage')
    const storage = createFileStorage({ root: storageFolder, readableFolders: [folder] })
    const speech = { deepgram: { apiKey: 'bench', baseUrl: deepgram.url }, elevenLabs: { apiKey: 'bench', baseUrl: elevenLabs.url } }
    const runner = await createLocalRunner({ ffmpeg: counted.ffmpeg, env: process.env, storageFolder, storage, temporaryFolder: join(folder, 'temporary'), readableFolders: [folder], speech })
    const convert = () => runner.settleOrchestrator(orchestrators.VoiceConversion, { ...base, url: pathToFileURL(clip).href, parts })

    const [ours, byHand]: [Cost[], Cost[]] = [[], []]
    let voice = ''
    let processes: string[] = []
    let [heldBytes, keptBytes] = [0, 0]
    const rounds = 3
    for (let round = 0; round < rounds; round++) {
      await rm(storageFolder, { recursive: true, force: true })
      await counted.forget()
      let ended: Awaited<ReturnType<typeof convert>> | undefined
      ours.push(await cost(async () => (ended = await convert())))
      if (ended?.status !== 'succeeded') throw ended?.status === 'failed' ? ended.error : new Error('The conversion did not succeed')
      processes = await counted.processes()
      heldBytes = await sizeOf(storageFolder)
      voice = join(folder, 'voice.mp3')
      const mp3 = (await readdir(storageFolder, { recursive: true })).find((name) => name.endsWith('.mp3'))
      await writeFile(voice, await readFile(join(storageFolder, mp3!)))
      await cleanUpRun(storage, { ...base, ...ended }, { cleanup: 'immediate', temporaryFolder: join(folder, 'temporary') })
      keptBytes = await sizeOf(storageFolder)
      byHand.push(await cost(() => convertByHand(real, folder, clip, voice)))
    }
    const { size } = await stat(clip)
    const least = (costs: readonly Cost[], which: keyof Cost) => Math.min(...costs.map((each) => each[which]))
    const ratio = (which: keyof Cost) => least(ours, which) / least(byHand, which)
    const both = (which: keyof Cost) => `${ours.map((each) => each[which].toFixed(1)).join(', ')} s, by hand ${byHand.map((each) => each[which].toFixed(1)).join(', ')} s`
    const times = (bytes: number) => bytes / size
    const name = `${seconds} s of 720p30`
    const detailOfBytes = `of an input of ${(size / 1e6).toFixed(1)} MB; by hand ${times(least(byHand, 'writtenBytes')).toFixed(1)} written, ${times(least(byHand, 'readBytes')).toFixed(1)} read`
    const ofParts = processes.filter((line) => line.includes('libx264')).length
    return [
      { name: `VoiceConversion, ${name}: CPU`, ratio: ratio('cpuSeconds'), limit, detail: both('cpuSeconds') },
      { name: `VoiceConversion, ${name}: wall`, ratio: ratio('wallSeconds'), limit, detail: both('wallSeconds') },
      { name: `VoiceConversion, ${name}: processes`, ratio: processes.length / (2 * ofParts + besideParts), limit: 1, detail: `${processes.length} for ${ofParts} parts; ${processes.filter((line) => line.startsWith('ffprobe')).length} of them ffprobe` },
      { name: `VoiceConversion, ${name}: written`, ratio: times(least(ours, 'writtenBytes')), limit: 6, detail: detailOfBytes },
      { name: `VoiceConversion, ${name}: read`, ratio: times(least(ours, 'readBytes')), limit: 10, detail: detailOfBytes },
      { name: `VoiceConversion, ${name}: held, cleaned up`, ratio: times(keptBytes), limit: 3, detail: `before that ${times(heldBytes).toFixed(1)}` },
    ]
  } finally {
    await Promise.all([deepgram.close(), elevenLabs.close()])
  }
}

/** A picture that moves, with a camera's noise, and somebody's hum: VP9 and Opus, at a bit rate that is usual for them. */
export async function makeTalk({ ffmpegPath }: Ffmpeg, folder: string, seconds: number): Promise<string> {
  const path = join(folder, 'clip.webm')
  const picture = `testsrc2=size=1280x720:rate=30:duration=${seconds},noise=alls=6:allf=t`
  const vp9 = ['-c:v', 'libvpx-vp9', '-deadline', 'realtime', '-cpu-used', '8', '-row-mt', '1', '-b:v', '2500k', '-g', '60']
  await run(ffmpegPath, ['-v', 'error', '-y', '-f', 'lavfi', '-i', picture, '-f', 'lavfi', '-i', `sine=frequency=220:duration=${seconds}`, ...vp9, '-pix_fmt', 'yuv420p', '-c:a', 'libopus', '-b:a', '96k', path])
  return path
}

/** Deepgram's answer to somebody who says a sentence every so often. */
export function saidEvery(everySeconds: number, seconds: number): unknown {
  const utterances = Array.from({ length: Math.floor(seconds / everySeconds) }, (_, place) => {
    const text = ['One', 'may', 'well', 'say', 'a', 'short', 'sentence', 'here.']
    const start = place * everySeconds + 0.5
    const words = text.map((word, index) => ({ word, punctuated_word: word, start: start + index * 0.4, end: start + (index + 1) * 0.4, confidence: 1 }))
    return { start, end: start + 3.2, transcript: text.join(' '), confidence: 1, words }
  })
  return { metadata: {}, results: { channels: [{ alternatives: [{ transcript: '', words: utterances.flatMap(({ words }) => words) }] }], utterances } }
}

/** Sound for the recogniser; then, with the voice, one encode that is muxed at once. */
async function convertByHand({ ffmpegPath }: Ffmpeg, folder: string, clip: string, voice: string): Promise<void> {
  await run(ffmpegPath, ['-v', 'error', '-y', '-i', clip, '-vn', '-ac', '1', '-ar', '16000', join(folder, 'sound.wav')])
  const encode = ['-map', '0:v:0', '-map', '1:a:0', '-c:v', 'libx264', '-preset', 'veryfast', '-crf', '23', '-pix_fmt', 'yuv420p', '-c:a', 'aac', '-b:a', '192k']
  await run(ffmpegPath, ['-v', 'error', '-y', '-i', clip, '-i', voice, ...encode, '-movflags', '+faststart', join(folder, 'by-hand.mp4')])
}

/** The same ffmpeg, behind programs that write down how it is called. */
async function countingFfmpeg(real: Ffmpeg, folder: string) {
  const log = join(folder, 'processes.txt')
  const behind = async (name: 'ffmpeg' | 'ffprobe', path: string) => {
    const program = join(folder, name)
    await writeFile(program, `#!/bin/sh\nprintf '%s\\n' "${name} $(printf '%s ' "$@" | tr '\\n' ' ')" >> '${log}'\nexec '${path}' "$@"\n`)
    await chmod(program, 0o755)
    return program
  }
  const ffmpeg = { ...real, ffmpegPath: await behind('ffmpeg', real.ffmpegPath), ffprobePath: await behind('ffprobe', real.ffprobePath) }
  const processes = async () => (await readFile(log, 'utf8')).trim().split('\n').filter((line) => !line.includes('atempo='))
  return { ffmpeg, processes, forget: () => rm(log, { force: true }) }
}

async function cost(work: () => Promise<unknown>): Promise<Cost> {
  const startedAt = performance.now()
  const spentOn = await spent(work)
  return { ...spentOn, wallSeconds: (performance.now() - startedAt) / 1_000 }
}

async function sizeOf(folder: string): Promise<number> {
  let bytes = 0
  for (const name of await readdir(folder, { recursive: true })) {
    const found = await stat(join(folder, name))
    if (found.isFile()) bytes += found.size
  }
  return bytes
}
