import { lstat, mkdtemp, readdir, rm, stat } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { TerminalError } from '@track-orchestrator/registry'
import { makeFolder } from '@track-orchestrator/registry/folders'
import { isOfGoneProcess, processTag } from './process-tag.ts'

/** `track-orchestrator-<machine>-<process>-<start>-<random>`. */
const pattern = /^track-orchestrator-([\da-f]{12}-\d+-\d+)-\w{6}$/

/** Folders for temporary files that have been tidied by this process. */
const tidied = new Map<string, Promise<void>>()

/**
 * Makes a folder of this process's own, readable to no other user. The first one in a place also removes what processes left there
 * that were killed. Throws `TerminalError` where other users could take the place for themselves.
 */
export async function makeWorkspaceFolder(temporaryFolder: string): Promise<string> {
  const place = resolve(temporaryFolder)
  await makeFolder(place)
  await checkPlace(place)
  let tidying = tidied.get(place)
  if (!tidying) tidied.set(place, (tidying = removeStaleFolders(place)))
  await tidying
  return mkdtemp(join(place, `track-orchestrator-${processTag()}-`)) // 0700, as mkdtemp(3) makes them
}

/**
 * Whoever owns a folder, or may write to it, can put another one in the place of one in it, unless its sticky bit is set, as that of
 * `/tmp` is. A folder below `/tmp` whose name can be guessed may have been made by somebody else before us.
 */
async function checkPlace(place: string): Promise<void> {
  const user = process.getuid?.()
  if (user === undefined) return // Windows: temporary folders are a user's own
  const [folder, named] = await Promise.all([stat(place), lstat(place)])
  const isTrusted = (owner: number) => owner === user || owner === 0
  const advice = 'Give a temporaryFolder of your own.'
  if (!isTrusted(folder.uid) || !isTrusted(named.uid)) throw new TerminalError(`The folder for temporary files, ${place}, belongs to another user. ${advice}`)
  const [others, sticky] = [0o002, 0o1000]
  if ((folder.mode & others) !== 0 && (folder.mode & sticky) === 0) {
    throw new TerminalError(`The folder for temporary files, ${place}, may be written to by every user, and has no sticky bit. ${advice}`)
  }
}

/**
 * Removes the workspaces of processes of this machine that are gone: folders that bear the name that such a process gave, and belong to
 * this user. What cannot be read or removed is left.
 */
export async function removeStaleFolders(temporaryFolder: string): Promise<void> {
  for (const name of await readdir(temporaryFolder).catch(() => [])) {
    const tag = pattern.exec(name)?.[1]
    if (tag === undefined || !isOfGoneProcess(tag)) continue
    const path = join(temporaryFolder, name)
    const found = await lstat(path).catch(() => undefined)
    if (!found?.isDirectory() || (process.getuid && found.uid !== process.getuid())) continue
    await rm(path, { recursive: true, force: true }).catch(() => {})
  }
}
