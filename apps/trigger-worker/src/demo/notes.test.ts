import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { findFfmpeg } from '@track-orchestrator/media-tasks'
import { makeClip } from '@track-orchestrator/media-tasks/testing'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { runAsPerson } from '../testing/run-as-person.ts'

let folder: string
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'notes-test-'))
})
afterAll(() => rm(folder, { recursive: true, force: true }))

test('what was done to the picture and to what was said is told at the end, a line each', { timeout: 240_000 }, async () => {
  await makeClip(await findFfmpeg({ env: process.env }), join(folder, 'clip.mp4'), { durationSeconds: 4, videoCodec: 'h264', audioCodecs: ['aac'], sounds: [[1, 2]] })
  const words = [{ word: 'Hello', start: 1, end: 1.4 }, { word: 'there.' }, { word: 'Now.', start: 2, end: 2.4 }, { word: 'Late.', start: 9, end: 9.5 }]
  await writeFile(join(folder, 'clip.deepgram.json'), JSON.stringify({ results: { channels: [{ alternatives: [{ words }] }] } }))
  const { exitCode, out } = await runAsPerson('demo', ['clip.mp4'], { folder, temporaryFolder: folder }).ended
  expect(exitCode).toBe(0)
  expect(out).toMatch(/^Note +1 words of the transcript came without times: they were given those between their neighbours\.$/m)
  expect(out).toMatch(/^Note +1 of 3 cues begin after the end, at 4\.0 s: they were left out\.$/m)
})
