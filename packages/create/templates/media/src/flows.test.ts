import { execFile } from 'node:child_process'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { promisify } from 'node:util'
import { findFfmpeg } from '@track-orchestrator/media-tasks'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { createLocalRunner } from './local-runner.ts'
import { mediaProcessingTrack } from './tracks/media-processing.track.ts'

// The real ffmpeg on a made video, in this process: no server and no account.
let folder: string
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'flows-'))
})
afterAll(() => rm(folder, { recursive: true, force: true }))

test('the sound and a picture of a video are taken out', { timeout: 60_000 }, async () => {
  const { ffmpegPath } = await findFfmpeg({ env: process.env })
  const video = join(folder, 'video.webm')
  await promisify(execFile)(ffmpegPath, ['-v', 'error', '-f', 'lavfi', '-i', 'testsrc=size=160x120:rate=10:duration=1', '-f', 'lavfi', '-i', 'sine=duration=1', '-shortest', video])
  const runner = await createLocalRunner({ storageFolder: join(folder, 'storage'), readableFolders: [folder], env: process.env, defaults: { tenantId: 'test', projectId: 'test' } })
  const output = await runner.runTrack(mediaProcessingTrack, { url: pathToFileURL(video).href })
  expect(output).toMatchObject({ width: expect.any(Number) as number })
})
