import { execFile } from 'node:child_process'
import { createHash, randomBytes } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { mkdtemp, open, rm, stat } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { promisify } from 'node:util'
import { findFfmpeg } from '@track-orchestrator/media-tasks'
import { startR2Local } from '@track-orchestrator/r2-local'
import type { Measurement } from './measurement.ts'
import { tellOf } from './tell-of.ts'

const sizeBytes = 2_000_000_000
const limitMegabytes = 250

/** Peak memory of a Node process that stores a large file in R2 and fetches it again: it must not grow with the size. */
export async function measureR2Memory(): Promise<Measurement[]> {
  const folder = await mkdtemp(join(tmpdir(), 'bench-r2-'))
  const r2 = await startR2Local()
  try {
    const [source, copy] = [join(folder, 'source'), join(folder, 'copy')]
    await writeSparse(source)
    const { peakKilobytes, putMs, fetchMs } = await storeAndFetch(r2, source, copy)
    if ((await hashOf(source)) !== (await hashOf(copy))) throw new Error('What was fetched is not what was stored')
    const peakMegabytes = (peakKilobytes * 1_024) / 1e6
    const stripped = await stripLong(folder)
    const detail = `peak ${peakMegabytes.toFixed(0)} MB of ${limitMegabytes} MB, ${sizeBytes / 1e9} GB stored in ${seconds(putMs)} and fetched in ${seconds(fetchMs)}`
    return [{ name: 'memory of storing in R2 and fetching', ratio: peakMegabytes / limitMegabytes, limit: 1, detail }, stripped]
  } finally {
    await r2.stop()
    await rm(folder, { recursive: true, force: true })
  }
}

/** The same for a video of that size whose sound is taken away: its packets are all read. */
async function stripLong(folder: string): Promise<Measurement> {
  const { ffmpegPath } = await findFfmpeg()
  const [piece, video] = [join(folder, 'piece.mp4'), join(folder, 'video.mp4')]
  const camera = ['-c:v', 'libx264', '-preset', 'ultrafast', '-b:v', '8M', '-maxrate', '8M', '-bufsize', '8M', '-g', '60', '-pix_fmt', 'yuv420p', '-c:a', 'aac']
  const sources = ['-f', 'lavfi', '-i', 'testsrc2=size=1280x720:rate=30:duration=20,noise=alls=20:allf=t', '-f', 'lavfi', '-i', 'sine=duration=20']
  await promisify(execFile)(ffmpegPath, ['-v', 'error', ...sources, ...camera, piece])
  const copies = Math.ceil(sizeBytes / (await stat(piece)).size)
  await promisify(execFile)(ffmpegPath, ['-v', 'error', '-stream_loop', String(copies - 1), '-i', piece, '-c', 'copy', video])
  const { size } = await stat(video)
  if (size < sizeBytes) throw new Error(`The video has ${size} bytes only`)
  const { peakKilobytes, frameCount } = await tellOf<{ peakKilobytes: number; frameCount: number }>('strip-memory-child.mjs', pathToFileURL(video).href, join(folder, 'storage'))
  const peakMegabytes = (peakKilobytes * 1_024) / 1e6
  return { name: 'memory of taking the sound away', ratio: peakMegabytes / limitMegabytes, limit: 1, detail: `peak ${peakMegabytes.toFixed(0)} MB of ${limitMegabytes} MB, ${(size / 1e9).toFixed(1)} GB, ${frameCount} frames` }
}

/** Nothing for the most part, so that it takes no room; a few marks, so that what comes back in another order is seen. */
async function writeSparse(path: string): Promise<void> {
  const file = await open(path, 'w')
  try {
    await file.truncate(sizeBytes)
    for (let at = 0; at < sizeBytes; at += 1e8) await file.write(randomBytes(1_000), 0, 1_000, at)
  } finally {
    await file.close()
  }
}

interface Told {
  readonly peakKilobytes: number
  readonly putMs: number
  readonly fetchMs: number
}

const storeAndFetch = (options: object, source: string, copy: string) => tellOf<Told>('r2-memory-child.mjs', JSON.stringify(options), source, copy)

async function hashOf(path: string): Promise<string> {
  const hash = createHash('sha256')
  for await (const chunk of createReadStream(path, { highWaterMark: 1e6 })) hash.update(chunk as Buffer)
  return hash.digest('hex')
}

const seconds = (ms: number) => `${(ms / 1_000).toFixed(0)} s`
