import { lstatSync, mkdtempSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { makeFolder, makeFolderSync } from './index.ts'

let root: string
beforeEach(() => (root = mkdtempSync(join(tmpdir(), 'make-folder-'))))
afterEach(() => rmSync(root, { recursive: true }))

const isLinux = process.platform === 'linux'
const codeOf = (error: NodeJS.ErrnoException) => error.code

describe.each([
  ['makeFolder', makeFolder],
  ['makeFolderSync', async (...args: Parameters<typeof makeFolderSync>) => makeFolderSync(...args)],
] as const)('%s', (_, make) => {
  test('makes what is missing of a path, each folder with the mode, and takes one that is there', async () => {
    const path = join(root, 'a', 'b', 'c')
    await make(path, { mode: 0o700 })
    await make(path)
    if (process.platform !== 'win32') expect([join(root, 'a'), path].map((folder) => statSync(folder).mode & 0o777)).toEqual([0o700, 0o700])
    await make('/')
  })

  test('takes a link to a folder', async () => {
    symlinkSync(root, join(root, 'link'))
    await make(join(root, 'link'))
    await make(join(root, 'link', 'below'))
    expect(lstatSync(join(root, 'below')).isDirectory()).toBe(true)
  })

  test('throws where a file stands in the place of the folder, or above it', async () => {
    writeFileSync(join(root, 'file'), '')
    expect(await make(join(root, 'file')).catch(codeOf)).toBe('EEXIST')
    expect(await make(join(root, 'file', 'x', 'y')).catch(codeOf)).toBe('ENOTDIR')
  })

  test('throws where a link leads nowhere', async () => {
    symlinkSync(join(root, 'nowhere'), join(root, 'link'))
    expect(await make(join(root, 'link')).catch(codeOf)).toMatch(/ENOENT|EEXIST/)
    expect(await make(join(root, 'link', 'x')).catch(codeOf)).toMatch(/ENOENT|EEXIST/)
  })

  test.runIf(isLinux).each(['/proc/deeper', '/proc/deeper/x/y', '/proc/self/fd/x', '/dev/fd/x/y', '/sys/a/b'])('throws at once below what takes no folder: %s', async (path) => {
    expect(await make(path).catch(codeOf)).toMatch(/ENOENT|EPERM|EACCES|EROFS/)
  })

  test('makes one folder of several at once', async () => {
    await Promise.all(Array.from({ length: 20 }, (_each, index) => make(join(root, 'at', 'once', String(index % 2)))))
    expect(statSync(join(root, 'at', 'once', '1')).isDirectory()).toBe(true)
  })
})
