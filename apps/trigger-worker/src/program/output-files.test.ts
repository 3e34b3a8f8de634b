import { link, mkdir, mkdtemp, readdir, readFile, rm, stat, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { prepareOutput, saveReport, saveResult } from './output-files.ts'

let folder: string
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'output-files-'))
  await writeFile(join(folder, 'video.webm'), 'video')
})
afterEach(() => rm(folder, { recursive: true, force: true }))

const files = (name = 'new', overwrite = false) => ({ mp4: join(folder, `${name}.mp4`), srt: join(folder, `${name}.srt`), report: join(folder, `${name}.report.html`), overwrite })
const prepare = (output = files()) => prepareOutput(output, join(folder, 'video.webm'))

test('the folder of the result is made, and nothing else', async () => {
  await prepare(files('deep/er/new'))
  expect((await readdir(folder, { recursive: true })).toSorted()).toEqual(['deep', 'deep/er', 'video.webm'])
})

test('the folder in which the work is done is made for its owner alone, and refused before any work where that cannot be', async () => {
  await prepareOutput(files(), undefined, join(folder, '.tracks'))
  expect((await stat(join(folder, '.tracks'))).mode & 0o777).toBe(0o700)
  await expect(prepareOutput(files(), undefined, join(folder, 'video.webm'))).rejects.toThrow(/video\.webm cannot be made: .*EEXIST/)
})

test.each(['new.mp4', 'new.srt', 'new.report.html'])('%s, where it exists, is replaced only if that was asked for', async (name) => {
  await writeFile(join(folder, name), 'mine')
  await expect(prepare()).rejects.toThrow(`${name} exists: add --force to replace it`)
  await expect(prepare(files('new', true))).resolves.toBeUndefined()
  expect(await readFile(join(folder, name), 'utf8')).toBe('mine')
})

test('a link that leads nowhere is somebody\'s file too', async () => {
  await symlink('/nowhere/at/all', join(folder, 'new.mp4'))
  await expect(prepare()).rejects.toThrow('exists')
})

test.each([true, false])('a folder in the place of the result is never written to (force: %s)', async (force) => {
  await mkdir(join(folder, 'new.mp4'))
  await expect(prepare(files('new', force))).rejects.toThrow('new.mp4 is a folder')
})

test.each([
  ['a link to it', (path: string) => symlink(join(folder, 'video.webm'), path)],
  ['another name of it', (path: string) => link(join(folder, 'video.webm'), path)],
])('the video itself is not replaced by way of %s, not even by force', async (_what, make) => {
  await make(join(folder, 'new.srt'))
  await expect(prepare(files('new', true))).rejects.toThrow('is the video itself')
})

test('a device is no place for a result', async () => {
  await symlink('/dev/null', join(folder, 'new.mp4'))
  await expect(prepare(files('new', true))).rejects.toThrow('is no ordinary file')
})

test.each([
  ['a file is where a folder has to be', 'video.webm/new', 'cannot be made: '],
  ['the name is too long', 'x'.repeat(300), 'cannot be written: name too long (ENAMETOOLONG)'],
])('where %s, that is said in a sentence', async (_what, name, message) => {
  await expect(prepare(files(name))).rejects.toMatchObject({ exitCode: 1, message: expect.stringContaining(message) as string })
})

test.runIf(process.platform === 'linux')('where nobody can make a folder, that is said at once', async () => {
  const output = { ...files(), mp4: '/proc/deeper/new.mp4', srt: '/proc/deeper/new.srt' }
  await expect(prepare(output)).rejects.toMatchObject({ exitCode: 1, message: expect.stringMatching(/^\/proc\/deeper cannot be made: .*ENOENT/) as string })
})

/** A result in a folder of its own beside the output, as the demo makes it. */
async function makeResult() {
  await mkdir(join(folder, 'run-x'), { recursive: true })
  for (const name of ['a.mp4', 'a.srt']) await writeFile(join(folder, 'run-x', name), 'new')
  const urlOf = (name: string) => pathToFileURL(join(folder, 'run-x', name)).href
  return { url: urlOf('a.mp4'), srtUrl: urlOf('a.srt') }
}
const readBoth = () => Promise.all(['new.mp4', 'new.srt'].map((name) => readFile(join(folder, name), 'utf8')))

test('a result is put where it was asked for, and stays where it was made; what lies there is replaced if that was said', async () => {
  expect(await saveResult(await makeResult(), files())).toEqual({ mp4: files().mp4, srt: files().srt })
  expect(await readBoth()).toEqual(['new', 'new'])
  await Promise.all(['new.mp4', 'new.srt'].map((name) => writeFile(join(folder, name), 'old')))
  await saveResult(await makeResult(), files('new', true))
  expect(await readBoth()).toEqual(['new', 'new'])
  expect((await readdir(folder, { recursive: true })).toSorted()).toEqual(['new.mp4', 'new.srt', 'run-x', 'run-x/a.mp4', 'run-x/a.srt', 'video.webm'])
})

test('a file that was made there meanwhile is left alone, whatever was seen before', async () => {
  await prepare()
  await writeFile(join(folder, 'new.mp4'), 'mine')
  await expect(saveResult(await makeResult(), files())).rejects.toThrow('new.mp4 exists by now')
  expect(await readFile(join(folder, 'new.mp4'), 'utf8')).toBe('mine')
})

test('a link in the place of the result is replaced itself: what it leads to stays', async () => {
  await writeFile(join(folder, 'precious'), 'mine')
  await symlink(join(folder, 'precious'), join(folder, 'new.mp4'))
  await saveResult(await makeResult(), files('new', true))
  expect(await readBoth()).toEqual(['new', 'new'])
  expect(await readFile(join(folder, 'precious'), 'utf8')).toBe('mine')
})

test('a report lies beside the result, where there is one', async () => {
  await makeResult()
  await writeFile(join(folder, 'run-x', 'a.html'), 'page')
  expect(await saveReport(pathToFileURL(join(folder, 'run-x', 'a.html')).href, files())).toBe(files().report)
  expect(await readFile(files().report, 'utf8')).toBe('page')
  expect(await saveReport(undefined, files())).toBeUndefined()
})

test('a result without subtitles is one file', async () => {
  const { url } = await makeResult()
  expect(await saveResult({ url }, files())).toEqual({ mp4: files().mp4 })
})
