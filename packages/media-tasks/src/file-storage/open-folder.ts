import { constants, existsSync } from 'node:fs'
import { lstat, mkdir, open, type FileHandle } from 'node:fs/promises'
import { join } from 'node:path'
import { makeFolder } from '@track-orchestrator/registry/folders'
import { codeOf } from '../error-code.ts'

/** A folder that is open: whatever is put at its path meanwhile, this is still the folder that was looked at. */
export interface OpenFolder {
  /** Where a file of this very folder is to be found, as long as it is open. */
  path(name: string): string
  close(): Promise<void>
}

/** Linux lets us name files by a folder that is open (proc_pid_fd(5)). Elsewhere the path must do. */
const descriptors = existsSync('/proc/self/fd') ? '/proc/self/fd' : undefined
const { O_RDONLY, O_DIRECTORY, O_NOFOLLOW } = constants

/**
 * Opens a folder below the root, one level after the other, and makes what is missing of it where `make` is set. No link is followed:
 * it could lead out of the root. Undefined where there is no such folder: nothing, a file or a link stands in its place. The root
 * itself may be a link: the person who named it made that.
 */
export async function openFolder(root: string, parts: readonly string[], { make }: { readonly make: boolean }): Promise<OpenFolder | undefined> {
  if (make) await makeFolder(root)
  let folder = await enter(root, 0)
  for (const part of parts) {
    const outer: OpenFolder | undefined = folder
    if (!outer) return undefined
    try {
      if (make) await mkdir(outer.path(part)).catch(unlessThere)
      folder = await enter(outer.path(part), O_NOFOLLOW)
    } finally {
      await outer.close()
    }
  }
  return folder
}

async function enter(path: string, flags: number): Promise<OpenFolder | undefined> {
  let handle: FileHandle | undefined
  try {
    // Windows opens no folders.
    if (process.platform !== 'win32') handle = await open(path, O_RDONLY | O_DIRECTORY | flags)
    else if (!(await lstat(path)).isDirectory()) return undefined
  } catch (error) {
    if (['ENOENT', 'ENOTDIR', 'ELOOP', 'ENAMETOOLONG'].includes(codeOf(error))) return undefined
    throw error
  }
  const base = handle && descriptors ? `${descriptors}/${handle.fd}` : path
  return { path: (name) => join(base, name), close: async () => handle?.close() }
}

function unlessThere(error: unknown): void {
  if (!['EEXIST', 'ENOENT', 'ENOTDIR', 'ENAMETOOLONG'].includes(codeOf(error))) throw error
}
