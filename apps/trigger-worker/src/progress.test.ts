import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { monitorEventLoopDelay } from 'node:perf_hooks'
import { pathToFileURL } from 'node:url'
import type { RunEvent } from '@track-orchestrator/core'
import { findFfmpeg } from '@track-orchestrator/media-tasks'
import { makeClip } from '@track-orchestrator/media-tasks/testing'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { createLocalRunner } from './local-runner.ts'
import { orchestrators } from './tracks.config.ts'
import { deepgramAnswer } from './testing/clean-conversion.ts'

let folder: string
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'progress-test-'))
  await mkdir(join(folder, 'clips'))
})
afterAll(() => rm(folder, { recursive: true, force: true }))

/** Longer than this no step is silent. */
const longestSilenceMs = 3_000

/** An ffmpeg that waits a while before it does anything, so that every step takes long. */
async function slowFfmpeg(seconds: number) {
  const ffmpeg = await findFfmpeg({ env: process.env })
  const ffmpegPath = join(folder, 'slow-ffmpeg')
  await writeFile(ffmpegPath, `#!/bin/sh\nsleep ${seconds}\nexec '${ffmpeg.ffmpegPath}' "$@"\n`, { mode: 0o755 })
  return { ...ffmpeg, ffmpegPath }
}

test('every step that takes more than three seconds says how far it is, what it does and at which rate, and is never silent for longer', { timeout: 300_000 }, async () => {
  const clip = await makeClip(await findFfmpeg({ env: process.env }), join(folder, 'clips', 'clip.webm'), { durationSeconds: 12 })
  await writeFile(join(folder, 'clips', 'clip.deepgram.json'), JSON.stringify(deepgramAnswer()))
  const events: RunEvent[] = []
  const runner = await createLocalRunner({
    ffmpeg: await slowFfmpeg(4),
    env: process.env,
    storageFolder: join(folder, 'storage'),
    readableFolders: [join(folder, 'clips')],
    logs: [{ write: (event) => void events.push(event), flush: () => Promise.resolve() }],
  })
  const delays = monitorEventLoopDelay()
  delays.enable()
  await runner.runOrchestrator(orchestrators.VoiceConversion, { tenantId: 't', projectId: 'p', url: pathToFileURL(clip.path).href, parts: 3 })
  delays.disable()
  const heldUpMs = delays.max / 1e6 // a busy machine gives this process no time to say anything

  const long = events.flatMap((event) => (event.type === 'step.succeeded' && !event.nested && event.durationMs > longestSilenceMs ? [event] : []))
  expect(long.map(({ step }) => step)).toEqual(expect.arrayContaining(['media_audio_extract', 'video_strip_audios', 'transcode_video_segments', 'combine_video_segments', 'combine_audio_segments', 'merge_audio_video']))
  for (const { path, step } of long) {
    const told = events.flatMap((event) => ('path' in event && event.path === path && event.type.startsWith('step.') ? [event] : []))
    const silences = told.slice(1).map((event, place) => event.at - told[place]!.at)
    expect(Math.max(...silences), step).toBeLessThan(longestSilenceMs + heldUpMs)
    const progress = told.flatMap((event) => (event.type === 'step.progress' ? [event] : []))
    expect(progress.map(({ fraction }) => fraction), step).toEqual(progress.map(({ fraction }) => fraction).toSorted((a, b) => a - b))
    expect(progress.map(({ note }) => note).filter((note) => /: .*(?:\dx|\/s)$/.test(note ?? '')), step).not.toEqual([])
  }
})
