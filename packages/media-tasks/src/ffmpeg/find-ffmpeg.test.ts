import { chmod, mkdtemp, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { findFfmpeg } from './find-ffmpeg.ts'
import { findNpmFfmpeg } from './npm-ffmpeg.ts'
import type { Ffmpeg } from './ffmpeg.ts'

let folder: string
let here: Ffmpeg
const missing = { code: 'media/ffmpeg_missing', retryable: false, name: 'TerminalError' }

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'find-ffmpeg-'))
  here = await findFfmpeg()
})
afterAll(() => rm(folder, { recursive: true, force: true }))

async function script(name: string, body: string): Promise<string> {
  const path = join(folder, name)
  await writeFile(path, `#!/bin/sh\n${body}\n`)
  await chmod(path, 0o755)
  return path
}

test('FFMPEG_PATH and FFPROBE_PATH come before the PATH', async () => {
  const env = { FFMPEG_PATH: here.ffmpegPath, FFPROBE_PATH: here.ffprobePath, PATH: '/usr/bin' }
  expect(await findFfmpeg({ env })).toMatchObject({ ffmpegPath: here.ffmpegPath, ffprobePath: here.ffprobePath, source: 'environment', version: here.version })
})

test('Without them, the PATH is searched', async () => {
  await script('ffmpeg', `exec ${here.ffmpegPath} "$@"`)
  await script('ffprobe', `exec ${here.ffprobePath} "$@"`)
  expect(await findFfmpeg({ env: { PATH: `/nowhere:${folder}` } })).toMatchObject({ ffmpegPath: join(folder, 'ffmpeg'), source: 'path', version: here.version })
})

test('Without either, the ones that npm brought are used, run bit or not, with a warning', async () => {
  const npm = await findFfmpeg({ env: { PATH: '' } })
  expect(npm).toMatchObject({ source: 'npm', supportsFpsMode: false })
  expect(npm.notes[0]).toContain('2018')
  await chmod(npm.ffprobePath, 0o644)
  const again = await findNpmFfmpeg()
  expect((await stat(again!.ffprobePath)).mode & 0o111).not.toBe(0)
})

test('A path in the environment that leads nowhere is an error, not passed over', async () => {
  const found = findFfmpeg({ env: { ...process.env, FFMPEG_PATH: '/nowhere/ffmpeg' } })
  await expect(found).rejects.toMatchObject({ ...missing, message: expect.stringContaining('FFMPEG_PATH says /nowhere/ffmpeg') as string })
})

test('Half of the pair in the environment, and the other half nowhere, is an error that says so', async () => {
  const found = findFfmpeg({ env: { FFMPEG_PATH: here.ffmpegPath, PATH: dirname('/nowhere/x') } })
  await expect(found).rejects.toMatchObject({ ...missing, message: expect.stringContaining('FFPROBE_PATH is not') as string })
})

test('An ffmpeg that lacks an encoder is refused by its name, with the three ways to get another', async () => {
  const poor = await script('poor-ffmpeg', `echo "ffmpeg version 9.9-poor"; echo " V....D libx264 "; echo " A....D aac "`)
  const error = await findFfmpeg({ env: { FFMPEG_PATH: poor, FFPROBE_PATH: here.ffprobePath } }).catch((thrown: unknown) => thrown)
  expect(error).toMatchObject(missing)
  for (const words of ['9.9-poor', 'without libmp3lame', 'apt install ffmpeg', 'FFMPEG_PATH', '@ffmpeg-installer/ffmpeg']) {
    expect((error as Error).message).toContain(words)
  }
})

test('A program that does not run is an error', async () => {
  const broken = await script('broken-ffmpeg', 'exit 3')
  await expect(findFfmpeg({ env: { FFMPEG_PATH: broken, FFPROBE_PATH: here.ffprobePath } })).rejects.toMatchObject(missing)
})
