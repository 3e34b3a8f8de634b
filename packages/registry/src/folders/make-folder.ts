import { lstatSync, mkdirSync, statSync } from 'node:fs'
import { lstat, mkdir, stat } from 'node:fs/promises'
import { dirname, resolve } from 'node:path'

/** `mode`: of the folders that are made; default 0o777, less the process's umask. */
export interface MakeFolderOptions {
  readonly mode?: number
}

/**
 * Makes a folder, and those above it, where they are not there. Node's own `mkdir` with `recursive` tries for ever below a folder in which
 * nobody can make one (`/proc/any`). Throws the system's error where a folder cannot be made, or something else stands in its place.
 */
export async function makeFolder(path: string, { mode = 0o777 }: MakeFolderOptions = {}): Promise<void> {
  const place = resolve(path)
  const make = () => mkdir(place, { mode })
  try {
    await make()
  } catch (error) {
    if (codeOf(error) !== 'ENOENT') return orThrow(await stat(place).then((found) => found.isDirectory(), () => false), error)
    const parent = dirname(place)
    if (parent === place) throw error
    // Where the one above is there, it was made meanwhile, or it takes no folder: the next try tells.
    if (!(await lstat(parent).then(() => true, () => false))) await makeFolder(parent, { mode })
    await make().catch(async (again: unknown) => orThrow(codeOf(again) === 'EEXIST' && (await stat(place)).isDirectory(), again))
  }
}

/** `makeFolder`, at once. */
export function makeFolderSync(path: string, { mode = 0o777 }: MakeFolderOptions = {}): void {
  const place = resolve(path)
  const isFolder = () => statSync(place, { throwIfNoEntry: false })?.isDirectory() ?? false
  try {
    mkdirSync(place, { mode })
  } catch (error) {
    if (codeOf(error) !== 'ENOENT') return orThrow(isFolder(), error)
    const parent = dirname(place)
    if (parent === place) throw error
    if (!lstatSync(parent, { throwIfNoEntry: false })) makeFolderSync(parent, { mode })
    try {
      mkdirSync(place, { mode })
    } catch (again) {
      orThrow(codeOf(again) === 'EEXIST' && isFolder(), again)
    }
  }
}

function orThrow(isThere: boolean, error: unknown): void {
  if (!isThere) throw error
}

const codeOf = (error: unknown): string | undefined => (error as NodeJS.ErrnoException).code
