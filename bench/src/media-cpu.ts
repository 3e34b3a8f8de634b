import { execFile } from 'node:child_process'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { promisify } from 'node:util'
import { createRunner } from '@track-orchestrator/core/in-process'
import { createFileStorage, createMediaHandlers, findFfmpeg } from '@track-orchestrator/media-tasks'
import { tasks } from '@track-orchestrator/registry/media'
import type { Measurement } from './measurement.ts'
import { spent } from './spent.ts'

const run = promisify(execFile)
const seconds = 40
const rounds = 4
/** As much picture in it as a camera's. */
const camera = ['-preset', 'superfast', '-b:v', '8M', '-maxrate', '8M', '-bufsize', '8M']
const oneAtATime = (prevOutput: object) => ({ ...prevOutput, concurrency: 1 })
const track = { name: 'Encode', tasks: [{ taskName: 'split_video' }, { taskName: 'transcode_video_segments', inputMapper: oneAtATime }, { taskName: 'combine_video_segments' }] }

/** What it costs to encode a video in ten parts: CPU of split, transcode and combine, against one ffmpeg that encodes it whole. */
export async function measureMediaCpu(): Promise<Measurement[]> {
  const folder = await mkdtemp(join(tmpdir(), 'bench-media-'))
  try {
    const ffmpeg = await findFfmpeg()
    const clip = join(folder, 'clip.mp4')
    const picture = `testsrc2=size=1280x720:rate=30:duration=${seconds},noise=alls=20:allf=t`
    await run(ffmpeg.ffmpegPath, ['-v', 'error', '-f', 'lavfi', '-i', picture, '-c:v', 'libx264', ...camera, '-g', '60', '-pix_fmt', 'yuv420p', clip])
    const nobody = { name: 'nobody', transcribe: unasked, speak: unasked }
    const storage = createFileStorage({ root: join(folder, 'storage'), readableFolders: [folder] })
    const handlers = createMediaHandlers({ ffmpeg, storage, temporaryFolder: join(folder, 'temporary'), speechToText: nobody, textToSpeech: nobody })
    const runner = createRunner({ registry: tasks, handlers })

    // One part at a time: programs side by side take from each other's caches and cores, which is not what is asked here.
    // Other programs can only add to either half, so the least of each counts; who begins alternates.
    const wholes: number[] = []
    const inParts: number[] = []
    const halves = [
      async () => {
        const encoder = ['-c:v', 'libx264', '-preset', 'veryfast', '-crf', '23', '-pix_fmt', 'yuv420p', '-threads', '1']
        wholes.push(await cpuOf(() => run(ffmpeg.ffmpegPath, ['-v', 'error', '-y', '-i', clip, '-map', '0:v:0', ...encoder, join(folder, 'whole.mp4')])))
      },
      async () => {
        const payload = { tenantId: 't', projectId: 'p', videoUrl: pathToFileURL(clip).href }
        inParts.push(await cpuOf(() => runner.runTrack(track, payload)))
      },
    ]
    for (let round = 0; round < rounds; round++) for (const half of round % 2 ? halves.toReversed() : halves) await half()
    const [whole, parts] = [Math.min(...wholes), Math.min(...inParts)]
    const spread = (values: readonly number[]) => `${values.map((value) => value.toFixed(1)).join(', ')} s of CPU`
    const detail = `${spread(inParts)} in ten parts, ${spread(wholes)} in one; ${seconds} s of video, ffmpeg ${ffmpeg.version}`
    return [{ name: 'CPU of encoding in parts', ratio: parts / whole, limit: 1.1, detail }]
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

const cpuOf = async (work: () => Promise<unknown>): Promise<number> => (await spent(work)).cpuSeconds

function unasked(): Promise<never> {
  return Promise.reject(new Error('nobody listens or speaks here'))
}
