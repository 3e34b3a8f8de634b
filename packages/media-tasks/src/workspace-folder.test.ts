import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdir, mkdtemp, readdir, rm, symlink, writeFile } from 'node:fs/promises'
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
