import { randomUUID } from 'node:crypto'
import { link, open, unlink } from 'node:fs/promises'
import { join } from 'node:path'
import { TerminalError, TracksError } from '@track-orchestrator/registry'
import { makeFolder } from '@track-orchestrator/registry/folders'

/**
 * Puts a text into a file of that name, which appears whole or not at all. Resolves when it is safe from a loss of power; answers false where
 * the file is there already, which then stays as it is. Throws what the file system throws.
 */
export async function putOnce(folder: string, name: string, text: string): Promise<boolean> {
  await makeFolder(folder, { mode: 0o700 })
  const made = join(folder, `.${randomUUID()}`)
  const file = await open(made, 'wx', 0o600)
  try {
    await file.writeFile(text)
    await file.datasync()
  } finally {
    await file.close()
  }
  try {
    await link(made, join(folder, name))
    return true
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error
    return false
  } finally {
    await unlink(made)
  }
}

/** For what the file system refused, of a thing that is to be written into a folder: throws `journal/write_failed`, which says what it was. */
export const notWritten = (what: string, folder: string) => (cause: unknown): never => {
  if (TracksError.is(cause)) throw cause
  const why = cause instanceof Error && 'code' in cause ? String(cause.code) : String(cause)
  throw new TerminalError(`${what} cannot be written into ${folder} (${why}): see what that is, and whose.`, { code: 'journal/write_failed', cause })
}
