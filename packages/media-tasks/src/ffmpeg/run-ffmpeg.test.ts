import { execFileSync } from 'node:child_process'
import { randomUUID } from 'node:crypto'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { makeClip } from '../testing/make-clip.ts'
import type { Ffmpeg } from './ffmpeg.ts'
import { findFfmpeg } from './find-ffmpeg.ts'
import { runFfmpeg } from './run-ffmpeg.ts'
import { streamFfmpeg } from './stream-ffmpeg.ts'

let folder: string
let ffmpeg: Ffmpeg
let clip: string
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'run-ffmpeg-'))
  ffmpeg = await findFfmpeg()
  clip = join(folder, 'clip.webm')
  await makeClip(ffmpeg, clip, { durationSeconds: 2 })
})
afterAll(() => rm(folder, { recursive: true, force: true }))

const failed = { code: 'media/ffmpeg_failed', retryable: false }
/** A program in ffmpeg's place. */
const fake = async (body: string): Promise<Ffmpeg> => {
  const path = join(folder, `fake-${randomUUID()}`)
  await writeFile(path, `#!/bin/sh\n${body}\n`, { mode: 0o755 })
  return { ...ffmpeg, ffmpegPath: path }
}

test('A result can be thrown away, and what a filter said be read', async () => {
  const { stderr } = await runFfmpeg(ffmpeg, { what: 'listen', inputs: [{ path: clip }], options: ['-map', '0:a:0', '-af', 'volumedetect'], logLevel: 'info' })
  expect(stderr.join('\n')).toContain('max_volume')
})

test('The frames that were written are counted', async () => {
  const { frameCount } = await runFfmpeg(ffmpeg, { what: 'count', inputs: [{ path: clip }], options: ['-map', '0:v:0'] })
  expect(frameCount).toBe(60)
})

test('A failure says what was being done and why it failed, without any folder', async () => {
  const error = await runFfmpeg(ffmpeg, {
    what: 'do the impossible',
    inputs: [{ path: join(folder, 'not-there.webm') }],
    options: [],
    output: join(folder, 'out.mp4'),
  }).catch((thrown: unknown) => thrown)
  expect(error).toMatchObject({ ...failed, message: expect.stringMatching(/^ffmpeg could not do the impossible \(exit code \d+\): .*not-there\.webm: No such file/) as string })
  expect((error as Error).message).not.toContain(folder)
})

test('An ffmpeg that is killed from outside may be tried again', async () => {
  const run = runFfmpeg(await fake('kill -9 $$'), { what: 'survive', inputs: [], options: [] })
  await expect(run).rejects.toMatchObject({ code: 'media/ffmpeg_failed', retryable: true, message: expect.stringContaining('SIGKILL') as string })
})

test('A machine that has run out of memory or room may be tried again; a file that needs more than the limit may not', async () => {
  const poor = await fake('echo "av_malloc: Cannot allocate memory" >&2; exit 1')
  const unlimited = runFfmpeg({ ...poor, prlimitPath: undefined }, { what: 'fit', inputs: [], options: [] })
  await expect(unlimited).rejects.toMatchObject({ code: 'media/ffmpeg_failed', retryable: true })
  const full = runFfmpeg(await fake('echo "av_interleaved_write_frame(): No space left on device" >&2; exit 1'), { what: 'fit', inputs: [], options: [] })
  await expect(full).rejects.toMatchObject({ code: 'media/ffmpeg_failed', retryable: true })
  const limited = runFfmpeg({ ...poor, prlimitPath: '/usr/bin/prlimit' }, { what: 'fit', inputs: [], options: [] })
  await expect(limited).rejects.toMatchObject({ code: 'media/too_large', retryable: false, message: expect.stringContaining('8192 MiB') as string })
})

test('An ffmpeg that the file makes crash is not tried again', async () => {
  const run = runFfmpeg(await fake('kill -SEGV $$'), { what: 'survive', inputs: [], options: [] })
  await expect(run).rejects.toMatchObject({ code: 'media/ffmpeg_failed', retryable: false, message: expect.stringContaining('crashed with SIGSEGV') as string })
})

test.runIf(process.platform === 'linux')('The system keeps ffmpeg under its limit of memory, whichever way it is started', async () => {
  expect(ffmpeg.prlimitPath).toBeDefined()
  const large = { what: 'draw', inputs: [{ path: 'color=size=8192x8192:rate=1:duration=1', formats: ['lavfi'], options: ['-f', 'lavfi'] }], options: ['-f', 'rawvideo'] }
  const asked = await fake('prlimit --data --noheadings --output SOFT,HARD --pid $$ >&2; exit 1')
  for (const run of [runFfmpeg(asked, large, { memoryBytes: 300 * 2 ** 20 }), streamFfmpeg(asked, large, { memoryBytes: 300 * 2 ** 20 }).done]) {
    await expect(run).rejects.toThrow(/314572800 +314572800/)
  }
})

test('What a file makes ffmpeg say is shown, not obeyed, and bounded', async () => {
  const mean = await fake(String.raw`printf 'title: \033[2J\302\233 \342\200\256 \342\200\250 %s\n' "$(head -c 100000 /dev/zero | tr '\0' x)" >&2; exit 1`)
  for (const run of [runFfmpeg(mean, { what: 'speak', inputs: [], options: [] }), streamFfmpeg(mean, { what: 'speak', inputs: [], options: [] }).done]) {
    const { message } = await (run as Promise<unknown>).then(() => expect.fail('it did not fail'), (error: Error) => error)
    expect(message).not.toMatch(/[\p{Cc}\p{Zl}\u202e]/u)
    expect(message.length).toBeLessThan(1_200)
  }
})

test('An ffmpeg that is not there is media/ffmpeg_missing', async () => {
  const run = runFfmpeg({ ...ffmpeg, ffmpegPath: '/nowhere/ffmpeg' }, { what: 'start', inputs: [], options: [] })
  await expect(run).rejects.toMatchObject({ code: 'media/ffmpeg_missing', retryable: false })
})

test('After a timeout nothing of the process is left', async () => {
  const pidFile = join(folder, 'pid')
  const run = runFfmpeg(await fake(`echo $$ > ${pidFile}; trap "" TERM INT; while true; do :; done`), { what: 'end', inputs: [], options: [] }, { timeoutMs: 2_000 })
  await expect(run).rejects.toMatchObject({ code: 'timed_out', retryable: true })
  const pid = Number(await readFile(pidFile, 'utf8'))
  expect(() => process.kill(pid, 0)).toThrow('ESRCH')
})

test('An input cannot make ffmpeg read other files or protocols', async () => {
  const list = join(folder, 'list.webm')
  await writeFile(list, `#EXTM3U\n#EXT-X-TARGETDURATION:10\n#EXTINF:10,\nclip.webm\n#EXT-X-ENDLIST\n`)
  for (const path of [list, 'concat:/etc/hostname|/etc/hosts', 'http://127.0.0.1:9/a.webm']) {
    await expect(runFfmpeg(ffmpeg, { what: 'read', inputs: [{ path }], options: [] }), path).rejects.toMatchObject(failed)
  }
})

test('A stream waits for its reader, and done tells that all came', async () => {
  const command = { what: 'stream', inputs: [{ path: clip }], options: ['-map', '0:a:0', '-f', 's16le', '-ac', '1', '-ar', '16000'] }
  const { stdout, done } = streamFfmpeg(ffmpeg, command)
  let bytes = 0
  for await (const chunk of stdout) {
    bytes += (chunk as Buffer).length
    await new Promise((resolve) => setTimeout(resolve, 1))
  }
  await done
  expect(bytes).toBe(2 * 16_000 * 2)
})

test('A reader that has had enough ends the process, and that is no failure', async () => {
  const inputs = [{ path: clip, options: ['-stream_loop', '-1'] }]
  const { stdout, done } = streamFfmpeg(ffmpeg, { what: 'stream without end', inputs, options: ['-map', '0:a:0', '-f', 's16le'] })
  for await (const chunk of stdout) if ((chunk as Buffer).length > 0) break
  await expect(done).resolves.toBeDefined()
})

test('A stream that breaks off says so in done, even if nobody reads it', async () => {
  const { done } = streamFfmpeg(ffmpeg, { what: 'stream', inputs: [{ path: join(folder, 'not-there') }], options: ['-f', 's16le'] })
  await expect(done).rejects.toMatchObject(failed)
})

test('Cancelling a stream kills the process and throws the reason', async () => {
  const controller = new AbortController()
  const inputs = [{ path: clip, options: ['-stream_loop', '-1'] }]
  const { stdout, done } = streamFfmpeg(ffmpeg, { what: 'stream', inputs, options: ['-map', '0:a:0', '-f', 's16le'] }, { signal: controller.signal })
  stdout.once('data', () => controller.abort())
  await expect(done).rejects.toMatchObject({ code: 'cancelled' })
})

test('Nothing is started for a signal that is aborted already', async () => {
  const signal = AbortSignal.abort()
  await expect(runFfmpeg(await fake('touch started'), { what: 'start', inputs: [], options: [] }, { signal, cwd: folder })).rejects.toMatchObject({ code: 'cancelled' })
  expect(() => execFileSync('ls', [join(folder, 'started')], { stdio: 'ignore' })).toThrow()
})
