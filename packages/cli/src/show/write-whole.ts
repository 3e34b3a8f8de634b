import { randomUUID } from 'node:crypto'
import { constants, type Stats } from 'node:fs'
import { copyFile, link, mkdir, rename, rm, stat, writeFile } from 'node:fs/promises'
import { dirname } from 'node:path'
import { CommandError } from '../exit.ts'

/**
 * Writes a file that a person asked for, for its owner only: whole, or not at all, and what was there is replaced only where `force` says so. Throws `CommandError`; also
 * for what is no ordinary file, which is never replaced.
 */
export async function writeWhole(path: string, content: string | Uint8Array, force: boolean): Promise<void> {
  const made = `${path}.${randomUUID().slice(0, 8)}`
  try {
    refuseTaken(path, await stat(path).catch(unlessAbsent), force)
    await mkdir(dirname(path), { recursive: true })
    await writeFile(made, content, { mode: 0o600, flag: 'wx' })
    if (force) await rename(made, path)
    else await linkAnew(made, path)
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    if (error instanceof CommandError) throw error
    throw new CommandError(code === 'EEXIST' ? taken(path) : `${path} cannot be written (${code ?? String(error)}).`, undefined, { cause: error })
  } finally {
    await rm(made, { force: true }).catch(() => undefined) // a part of the way to it is no folder
  }
}

const taken = (path: string): string => `${path} is there already: name another file, or --force replaces it.`

function refuseTaken(path: string, there: Stats | undefined, force: boolean): void {
  if (there && !there.isFile()) throw new CommandError(`${path} is ${there.isDirectory() ? 'a folder' : 'no ordinary file'}: name another.`)
  if (there && !force) throw new CommandError(taken(path))
}

function unlessAbsent(error: NodeJS.ErrnoException): undefined {
  if (error.code !== 'ENOENT') throw error
}

/** Unlike a renamed file, a link takes nobody's place. */
async function linkAnew(from: string, to: string): Promise<void> {
  try {
    await link(from, to)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') throw error
    await copyFile(from, to, constants.COPYFILE_EXCL) // not every file system has links
  }
}
