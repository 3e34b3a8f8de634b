import { execFileSync, spawnSync } from 'node:child_process'
import { chmod, mkdir, mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { findFfmpeg } from '@track-orchestrator/media-tasks'
import { makeClip } from '@track-orchestrator/media-tasks/testing'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { deepgramAnswer } from '../testing/clean-conversion.ts'
import { root, runAsPerson, type RunOptions } from '../testing/run-as-person.ts'

const timeout = 240_000
let folder: string
let temporaryFolder: string
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'demo-ends-'))
  temporaryFolder = await mkdtemp(join(tmpdir(), 'demo-ends-tmp-'))
  await chmod(temporaryFolder, 0o777)
})
afterEach(() => Promise.all([folder, temporaryFolder].map((path) => rm(path, { recursive: true, force: true }))))

const demo = (args: readonly string[], options: Partial<RunOptions> = {}) => runAsPerson('demo', args, { folder, temporaryFolder, ...options })
/** What lies there, but for the journal. */
const filesIn = async (path: string) => (await readdir(path, { recursive: true })).filter((name) => !name.startsWith('.tracks')).toSorted()
const withoutNotes = (error: string) => error.replaceAll(/^.*ffmpeg.*\n/gm, '')
const stopping = '\nStopping … (once more to leave at once)\n'

/** Types the line by which the demo said that it goes on, where the person stands, and gives the output of the run. */
function goOn(said: string, path = folder): { readonly url: string } {
  const line = /go on with it: {2}(.*npm run tracks -- resume demo-[\da-f]{8})$/im.exec(said)![1]!
  const out = execFileSync('bash', ['-c', `${line.replace('npm run', `npm --prefix '${root}' run --silent`)} --json`], { cwd: path, encoding: 'utf8' })
  return (JSON.parse(out.trim().split('\n').at(-1)!) as { output: { url: string } }).output
}

/** What is left among the temporary files; tsx keeps its translations there. */
const temporaryFiles = async () => (await readdir(temporaryFolder)).filter((name) => !name.startsWith('tsx-'))

/** A video in the folder with a transcript beside it. */
async function clip(name = 'clip'): Promise<void> {
  await makeClip(await findFfmpeg(), join(folder, `${name}.webm`), { durationSeconds: 11 })
  await writeFile(join(folder, `${name}.deepgram.json`), JSON.stringify(deepgramAnswer()))
}

test('what lies beside the result stays, whatever it is called and however the demo ends', { timeout }, async () => {
  await clip()
  const mine = ['storage/f', 'storage/.tmp/f', '.tmp/f', 'run-abc/f', 'new.mp4.part', 'temporary/f', 'spool/f'].map((name) => join('d', name))
  for (const name of mine) {
    await mkdir(join(folder, name, '..'), { recursive: true })
    await writeFile(join(folder, name), 'mine')
  }
  const before = await filesIn(join(folder, 'd'))
  expect((await demo(['missing.webm', '--out', 'd/new.mp4']).ended).exitCode).toBe(1)
  expect(await filesIn(join(folder, 'd'))).toEqual(before)
  expect(await demo(['clip.webm', '--out', 'd/new.mp4']).ended).toMatchObject({ exitCode: 0 })
  expect(await filesIn(join(folder, 'd'))).toEqual([...before, 'new.mp4', 'new.report.html', 'new.srt'].toSorted())
  for (const name of mine) expect(await readFile(join(folder, name), 'utf8')).toBe('mine')
  expect(await temporaryFiles()).toEqual([])
})

test('two demos at once, in the same folder and of the same video, both end well', { timeout }, async () => {
  await clip()
  const both = await Promise.all([demo(['clip.webm']).ended, demo(['clip.webm']).ended])
  expect(both.map(({ exitCode, error }) => ({ exitCode, error: withoutNotes(error) }))).toEqual([{ exitCode: 0, error: '' }, { exitCode: 0, error: '' }])
  expect(await filesIn(join(folder, 'out'))).toEqual(['clip.mp4', 'clip.report.html', 'clip.srt'])
})

test.each([
  ['SIGINT', 130],
  ['SIGTERM', 143],
  ['SIGHUP', 129],
] as const)('%s in the middle of the work: exit code %i, the line that goes on, and nothing is left but the run', { timeout }, async (signal, exitCode) => {
  await clip()
  const before = await filesIn(folder)
  const running = demo(['clip.webm'])
  await running.until(/video_strip_audios: done/)
  running.child.kill(signal)
  const { error, out, ...ended } = await running.ended
  expect(ended.exitCode).toBe(exitCode)
  expect(withoutNotes(error)).toBe(stopping)
  expect(out).toMatch(/\nRun (demo-\S+) was cancelled after .*\nGo on with it: {2}npm run tracks -- resume \1\n$/)
  expect(await filesIn(folder)).toEqual([...before, 'out'].toSorted())
  expect([...(await temporaryFiles()), ...(await readdir(join(folder, '.tracks/temporary')))]).toEqual([])
})

test('killed without a warning, it goes on by the line that it had printed, also where its video lies elsewhere and the worker has a bucket of its own', { timeout }, async () => {
  await clip()
  const here = join(folder, 'a folder')
  await mkdir(here)
  const running = demo(['../clip.webm'], { folder: here, variables: { R2_BUCKET: 'media' } })
  await running.until(/video_strip_audios: done/)
  process.kill(-running.child.pid!, 'SIGKILL')
  await running.ended
  expect(running.said()).toContain(`READABLE_FOLDERS=${folder} R2_BUCKET= npm run tracks -- resume demo-`)
  expect((await stat(new URL(goOn(running.said(), here).url))).size).toBeGreaterThan(10_000)
})

test('a stop that npm is told reaches the demo', { timeout }, async () => {
  const running = demo([], { throughNpm: true })
  await running.until(/media_audio_extract: started/)
  running.child.kill('SIGTERM')
  await running.ended
  expect(running.said()).toContain('Go on with it:  npm run tracks -- resume demo-')
  expect(await filesIn(folder)).toEqual(['out'])
})

test('Ctrl-C with --supabase ends without a word of trouble, and leaves no database', { timeout }, async () => {
  for (const moment of [/Starting a Supabase project/, /It answers at/, /media_audio_extract: done/]) {
    const running = demo(['--supabase'], { throughNpm: true })
    await running.until(moment)
    // As a terminal does it: to everybody at once.
    process.kill(-running.child.pid!, 'SIGINT')
    expect(withoutNotes((await running.ended).error).replace(/Stopped\.\n$/, '')).toBe(stopping)
    expect(await filesIn(folder)).toEqual(['out'])
    expect(await temporaryFiles()).toEqual([])
    expect(processesNaming(temporaryFolder)).toEqual([])
  }
})

/** The command lines of running processes that name a folder. */
function processesNaming(path: string): string[] {
  return spawnSync('ps', ['-eo', 'args'], { encoding: 'utf8' }).stdout.split('\n').filter((line) => line.includes(path))
}

test('whoever reads along may leave: the work goes on', { timeout }, async () => {
  await clip()
  const running = demo(['clip.webm'])
  await running.until(/started/)
  running.child.stdout!.destroy()
  running.child.stderr!.destroy()
  expect((await running.ended).exitCode).toBe(0)
  expect(await filesIn(join(folder, 'out'))).toEqual(['clip.mp4', 'clip.report.html', 'clip.srt'])
})

test('a file that is named and exists is replaced only with --force, and that is said before any work', { timeout }, async () => {
  await clip()
  await writeFile(join(folder, 'mine.mp4'), 'mine')
  const refused = await demo(['clip.webm', '--out', 'mine.mp4']).ended
  expect(refused).toMatchObject({ exitCode: 2, out: '', error: `${join(folder, 'mine.mp4')} exists: add --force to replace it, or name another file with --out\n` })
  expect(await readFile(join(folder, 'mine.mp4'), 'utf8')).toBe('mine')
  expect((await demo(['clip.webm', '--out', 'mine.mp4', '--force']).ended).exitCode).toBe(0)
  expect((await stat(join(folder, 'mine.mp4'))).size).toBeGreaterThan(10_000)
})

/** A disk of its own. Only root may have one. */
const canMount = process.getuid?.() === 0 && process.platform === 'linux' && spawnSync('mount', ['--version']).status === 0
if (!canMount) console.warn('Skipped: full and read-only disks, which only root can make on Linux.')

async function onDisk(options: string, use: (disk: string) => Promise<void>): Promise<void> {
  const disk = join(folder, 'disk')
  await mkdir(disk)
  execFileSync('mount', ['-t', 'tmpfs', '-o', options, 'tmpfs', disk])
  try {
    await use(disk)
  } finally {
    execFileSync('umount', ['-l', disk])
  }
}

const fill = (disk: string) => void spawnSync('dd', ['if=/dev/zero', `of=${join(disk, 'mine')}`, 'bs=64k'])

test.skipIf(!canMount)('a disk that fills up in the middle is named in one sentence, and the run goes on when there is room', { timeout }, () =>
  onDisk('size=40m', async (disk) => {
    await clip()
    const running = demo(['../clip.webm'], { folder: disk, variables: { COLUMNS: '400' } })
    await running.until(/media_audio_extract: started/)
    fill(disk)
    const { exitCode, out, error } = await running.ended
    expect({ exitCode, error: withoutNotes(error) }).toEqual({ exitCode: 1, error: '' })
    expect(out).toMatch(/\nRun demo-\S+ failed after .*: .*(?:[Nn]o space left on device|ENOSPC).*\nGo on with it: /)
    await rm(join(disk, 'mine'))
    expect((await stat(new URL(goOn(out, disk).url))).size).toBeGreaterThan(10_000)
  }),
)

test.skipIf(!canMount)('where the disk of the result alone fills up, that is said in one sentence, and nothing of it is left there', { timeout }, () =>
  onDisk('size=40m', async (disk) => {
    await clip()
    const running = demo(['clip.webm', '--out', 'disk/new.mp4'])
    await running.until(/media_audio_extract: started/)
    fill(disk)
    const { exitCode, error } = await running.ended
    expect(exitCode).toBe(1)
    expect(withoutNotes(error).trimEnd().split('\n')).toEqual([expect.stringMatching(/^The disk is full: /)])
    expect(await readdir(disk)).toEqual(['mine'])
  }),
)

test.skipIf(!canMount)('a disk with too little room is refused before any work', { timeout }, () =>
  onDisk('size=1m', async (disk) => {
    const { exitCode, out, error } = await demo(['--out', 'disk/new.mp4']).ended
    expect({ exitCode, out }).toEqual({ exitCode: 1, out: '' })
    expect(error).toMatch(/^There is too little room in .*disk: 1 MB are free, and at least \d+ MB are needed\n$/)
    expect(await readdir(disk)).toEqual([])
  }),
)

test.skipIf(!canMount)('a folder that cannot be written is refused before any work', { timeout }, () =>
  onDisk('size=40m,ro', async () => {
    const { exitCode, out, error } = await demo(['--out', 'disk/new.mp4']).ended
    expect({ exitCode, out }).toEqual({ exitCode: 1, out: '' })
    expect(withoutNotes(error)).toBe(`${join(folder, 'disk')} cannot be written: read-only file system (EROFS)\n`)
  }),
)
