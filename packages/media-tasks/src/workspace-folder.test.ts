import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { chmod, chown, lchown, mkdir, mkdtemp, readdir, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { basename, join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { makeWorkspaceFolder, removeStaleFolders } from './workspace-folder.ts'

let folder: string
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'workspace-folder-'))
})
afterEach(() => rm(folder, { recursive: true }))

/** The name that a process's folder would have. */
const nameFor = async (change: { machine?: string; pid?: number; start?: number } = {}) => {
  const own = basename(await makeWorkspaceFolder(folder))
  await rm(join(folder, own), { recursive: true })
  const [machine, pid, start] = own.split('-').slice(2)
  return `track-orchestrator-${change.machine ?? machine}-${change.pid ?? pid}-${change.start ?? start}-aB3dEf`
}
const make = async (name: string) => {
  await mkdir(join(folder, name, 'deep'), { recursive: true })
  await writeFile(join(folder, name, 'deep', 'file'), 'left behind')
}
const afterTidying = async () => {
  await removeStaleFolders(folder)
  return readdir(folder)
}

test('The folder of a process that was killed is removed, and not before it is gone', async () => {
  const child = spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)'])
  await once(child, 'spawn')
  const name = await nameFor({ pid: child.pid!, start: 0 })
  await make(name)
  expect(await afterTidying()).toEqual([name])
  child.kill('SIGKILL')
  await once(child, 'exit')
  expect(await afterTidying()).toEqual([])
})

test.runIf(process.platform === 'linux')('The folder of a process whose number another one has got since, is removed', async () => {
  await make(await nameFor({ start: 1 }))
  expect(await afterTidying()).toEqual([])
})

test('The own folders, those of other machines, and what else lies there, are left alone', async () => {
  const names = [await nameFor(), await nameFor({ machine: 'abcdefabcdef', pid: 999_999_999 }), 'track-orchestrator-old', 'mine']
  for (const name of names) await make(name)
  expect((await afterTidying()).toSorted()).toEqual(names.toSorted())
})

test('A link in the place of a folder is not followed', async () => {
  await make('precious')
  await symlink(join(folder, 'precious'), join(folder, await nameFor({ pid: 999_999_999 })))
  await removeStaleFolders(folder)
  expect(await readdir(join(folder, 'precious', 'deep'))).toEqual(['file'])
})

test('The first workspace in a place tidies it, and two at once do not meet', async () => {
  const other = await mkdtemp(join(folder, 'other-'))
  await mkdir(join(other, await nameFor({ pid: 999_999_999 })))
  const made = await Promise.all([makeWorkspaceFolder(other), makeWorkspaceFolder(other)])
  expect((await readdir(other)).toSorted()).toEqual(made.map((path) => basename(path)).toSorted())
})

test.runIf(process.getuid?.() === 0)('No workspace is made in a folder that belongs to another user', async () => {
  const place = join(folder, 'predictable')
  await mkdir(place)
  await chown(place, 12_345, 12_345)
  await expect(makeWorkspaceFolder(place)).rejects.toMatchObject({ retryable: false, message: expect.stringContaining('belongs to another user') as string })
})

test.runIf(process.getuid?.() === 0)('No workspace is made behind a link of another user', async () => {
  await mkdir(join(folder, 'place'))
  await symlink(join(folder, 'place'), join(folder, 'link'))
  await lchown(join(folder, 'link'), 12_345, 12_345)
  await expect(makeWorkspaceFolder(join(folder, 'link'))).rejects.toMatchObject({ retryable: false, message: expect.stringContaining('belongs to another user') as string })
})

test.runIf(process.platform !== 'win32')('No workspace is made where every user may exchange it, but where only its owner may', async () => {
  const place = join(folder, 'open')
  await mkdir(place)
  await chmod(place, 0o777)
  await expect(makeWorkspaceFolder(place)).rejects.toMatchObject({ retryable: false, message: expect.stringContaining('no sticky bit') as string })
  await chmod(place, 0o1777)
  expect(await makeWorkspaceFolder(place)).toContain(place)
})

test.runIf(process.getuid?.() === 0)('What bears our name and belongs to another user is left alone', async () => {
  const name = await nameFor({ pid: 999_999_999 })
  await make(name)
  await chown(join(folder, name), 12_345, 12_345)
  expect(await afterTidying()).toEqual([name])
})
