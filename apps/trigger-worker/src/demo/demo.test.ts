import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Writable } from 'node:stream'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { runAsPerson } from '../testing/run-as-person.ts'
import { runDemo } from './demo.ts'
import { readDemoArguments } from './arguments.ts'
import { runPicture, stepsIn } from './run-picture.ts'

let folder: string
let temporaryFolder: string
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'demo-test-'))
  temporaryFolder = await mkdtemp(join(tmpdir(), 'demo-test-tmp-'))
})
afterEach(() => Promise.all([folder, temporaryFolder].map((path) => rm(path, { recursive: true, force: true }))))

/** A program of this repository in a process of its own, without what is said of the ffmpeg of npm. */
async function person(script: 'demo' | 'tracks', args: readonly string[]) {
  const ended = await runAsPerson(script, args, { folder, temporaryFolder, variables: { COLUMNS: '80' } }).ended
  return { ...ended, error: ended.error.replace(/^.*ffmpeg.*\n/, '') }
}
/** What lies in the folder beside the journal. */
const filesBeside = async () => (await readdir(folder, { recursive: true })).filter((name) => !name.startsWith('.tracks')).toSorted()

/** The demo in this process: as far as it may go without a run. */
async function demo(args: readonly string[], signal: AbortSignal = new AbortController().signal, services: Readonly<Record<string, string>> = {}) {
  const said = { out: '', error: '' }
  const into = (name: keyof typeof said) => new Writable({ write: (chunk, _encoding, done) => { said[name] += String(chunk); done() } })
  const { FFMPEG_PATH, FFPROBE_PATH, PATH } = process.env
  const exitCode = await runDemo({ arguments: args, folder, env: { FFMPEG_PATH, FFPROBE_PATH, PATH, ...services }, stdout: into('out'), stderr: into('error'), signal })
  return { exitCode, ...said }
}

test('the bundled sample becomes an MP4 and an SRT; every step is told in 80 columns; what is left beside them is the run in the journal', { timeout: 240_000 }, async () => {
  const { exitCode, out, error } = await person('demo', [])
  expect(error).toBe('')
  expect(exitCode).toBe(0)
  for (const step of ['media_import', 'media_audio_extract', 'deepgram_speech_to_text', 'convert_json_to_srt', 'split_srt_into_segments', 'elevenlabs_text_to_speech_batch', 'combine_audio_segments', 'video_strip_audios', 'split_video', 'transcode_video_segments', 'combine_video_segments', 'merge_audio_video']) {
    expect(out).toMatch(new RegExp(`${step} +│ succeeded +│ [\\d.]+ (?:ms|s|min)`))
  }
  for (const line of out.split('\n').filter((row) => /^[┌│├└]/.test(row))) expect(line.length).toBeLessThanOrEqual(80)
  // The picture of the README: `DEMO_PICTURE=write npx vitest run src/demo/demo.test.ts` makes it anew.
  const picture = new URL('../../../../docs/demo-run.svg', import.meta.url)
  if (process.env['DEMO_PICTURE'] === 'write') await writeFile(picture, runPicture(out.replaceAll(folder, '.')))
  expect(stepsIn(await readFile(picture, 'utf8'))).toEqual(stepsIn(out))
  expect(out).toContain('nobody: the transcript was recorded beforehand')
  expect(out).toContain('Spoken by  flite')
  expect(out).toContain(join('out', 'sense-and-sensibility.mp4'))
  expect(out).toMatch(/^Verified: all 10 checks passed: .*$/m)
  expect(await filesBeside()).toEqual(['out', 'out/sense-and-sensibility.mp4', 'out/sense-and-sensibility.report.html', 'out/sense-and-sensibility.srt'])
  expect(await readFile(join(folder, 'out/sense-and-sensibility.report.html'), 'utf8')).toContain('<title>sense-and-sensibility.mp4</title>')
  expect(await readFile(join(folder, 'out/sense-and-sensibility.srt'), 'utf8')).toMatch(/^1\n00:00:0\d,\d{3} --> /)

  const [, runId = ''] = /go on with it: {2}npm run tracks -- resume (demo-[\da-f]{8})$/m.exec(out)!
  expect((await person('tracks', ['runs'])).out).toMatch(new RegExp(`^${runId} +VoiceConversion +succeeded`, 'm'))
  expect((await person('tracks', ['show', 'last'])).out).toContain(`VoiceConversion  ${runId}\nsucceeded, `)
  expect((await person('tracks', ['why', 'last'])).out).toContain('12 of 12 are reused, 0 are run.')
  const resumed = await person('tracks', ['resume', 'last', '--json'])
  const { output } = JSON.parse(resumed.out.trim().split('\n').at(-1)!) as { output: { url: string; srtUrl: string; vttUrl?: string } }
  expect(await readFile(new URL(output.url))).toEqual(await readFile(join(folder, 'out/sense-and-sensibility.mp4')))
  // Of what was stored, what the result names is still there; the rest is gone.
  const stored = (await readdir(join(folder, '.tracks/storage'), { recursive: true, withFileTypes: true })).filter((entry) => entry.isFile()).map(({ name }) => name)
  expect(stored.filter((name) => !resumed.out.includes(name))).toEqual([])
  expect(await readdir(join(folder, '.tracks/temporary'))).toEqual([])
})

test('--supabase shows the run as the database tells it, whole, and leaves nothing of it behind', { timeout: 240_000 }, async () => {
  const { exitCode, out, error } = await person('demo', ['--supabase'])
  expect(error).toBe('')
  expect(exitCode).toBe(0)
  const told = /^In the database:\n(VoiceConversion {2}demo-[\da-f]{8}\nsucceeded, began [^]*?)\n\n┌/m.exec(out)?.[1] ?? ''
  expect(told).toMatch(/^transcode_video_segments\n[^]*^final:merge_audio_video +succeeded +[\d.]+ m?s +1$/m)
  for (const line of told.split('\n')) expect(line.length).toBeLessThanOrEqual(80)
  expect(await filesBeside()).toEqual(['out', 'out/sense-and-sensibility.mp4', 'out/sense-and-sensibility.report.html', 'out/sense-and-sensibility.srt'])
  expect((await readdir(temporaryFolder)).filter((name) => !name.startsWith('tsx-'))).toEqual([])
  expect((await readdir(join(folder, '.tracks'), { recursive: true })).filter((name) => name.startsWith('spool') && name.endsWith('.jsonl'))).toEqual([])
})

test.each([
  ['a file that is not there', 'missing.webm', /media\/not_found/],
  ['an empty file', 'empty.webm', /media\/empty/],
  ['text under the name of a video', 'text.webm', /media\/not_media/],
])('%s gets a sentence, not a stack trace, and leaves nothing behind but its run', async (_what, name, message) => {
  await writeFile(join(folder, 'empty.webm'), '')
  await writeFile(join(folder, 'text.webm'), 'this is no video at all')
  const { exitCode, out, error } = await person('demo', [name])
  expect({ exitCode, error }).toEqual({ exitCode: 1, error: '' })
  expect(out).toMatch(message)
  expect(out).not.toMatch(/\n\s+at /)
  expect(out).toMatch(/^Go on with it: {2}npm run tracks -- resume demo-[\da-f]{8}\n$/m)
  expect(await filesBeside()).toEqual(['empty.webm', 'out', 'text.webm'])
})

// Nobody can make a file there, root included.
test.runIf(process.platform === 'linux')('a folder that cannot be written is named in a sentence before anything is done', async () => {
  const { exitCode, out, error } = await demo(['--out', '/proc/new.mp4'])
  expect({ exitCode, out }).toEqual({ exitCode: 1, out: '' })
  expect(error.replace(/^.*ffmpeg.*\n/, '')).toMatch(/^\/proc cannot be written: [^\n]+ \([A-Z]+\)\n$/)
})

test('a malformed variable is named, not repeated, before anything is done', async () => {
  const { exitCode, error } = await demo([], undefined, { ELEVENLABS_API_KEY: 'hunter2', ELEVENLABS_BASE_URL: 'hunter2' })
  expect(exitCode).toBe(3)
  expect(error).toContain('ELEVENLABS_BASE_URL must be an http(s) URL')
  expect(error).not.toContain('hunter2')
  expect(await readdir(folder)).toEqual([])
})

test('--help explains itself', async () => {
  expect(await demo(['--help'])).toMatchObject({ exitCode: 0, out: expect.stringContaining('npm run demo') as string })
})

test.each([[['a.webm', 'b.webm']], [['--out', 'x.avi']], [['--log', 'pictures']], [['--colour']], [['a.mp4', '--out', 'a.mp4']], [['--out', '']], [['out/a.mp4']]])('%j is answered with the usage', async (args) => {
  expect(await demo(args)).toMatchObject({ exitCode: 2, error: expect.stringContaining('npm run demo') as string })
})

test('paths are meant from where the person stands; only the default place is ours', () => {
  expect(readDemoArguments(['clips/me.webm'], '/home/me')).toMatchObject({
    url: 'file:///home/me/clips/me.webm',
    input: '/home/me/clips/me.webm',
    readableFolders: ['/home/me/clips'],
    output: { mp4: '/home/me/out/me.mp4', srt: '/home/me/out/me.srt', overwrite: true },
  })
  expect(readDemoArguments(['me.webm', '--out', '../you.MP4'], '/home/me')).toMatchObject({ output: { mp4: '/home/you.MP4', srt: '/home/you.srt', overwrite: false } })
  expect(readDemoArguments(['me.webm', '--out', 'you.mp4', '--force'], '/home/me')).toMatchObject({ output: { overwrite: true } })
})

test.each([
  ['https://media.example/a/My%20clip.webm?signature=x', 'My_20clip'],
  ['https://media.example/', 'video'],
  ['https://media.example/..%2f..%2fetc.webm', '2f_2fetc'],
  ['https://media.example/-i.webm', 'i'],
])('%s is fetched from the web, and the MP4 is named after it', (url, name) => {
  expect(readDemoArguments([url], '/home/me')).toMatchObject({ url, readableFolders: [], output: { mp4: `/home/me/out/${name}.mp4` } })
})

test.each(['https://127.0.0.1/a.webm', 'http://media.example/a.webm', 'https://user:secret@media.example/a.webm'])('%s is refused with a sentence', async (url) => {
  const { exitCode, out, error } = await person('demo', [url])
  expect({ exitCode, error }).toEqual({ exitCode: 1, error: '' })
  expect(out).toMatch(/refused.*media\/url_refused/)
  expect(out).not.toMatch(/secret|\n\s+at /)
})
