import { spawnSync } from 'node:child_process'
import { chown, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

/** As whom the servers run. Empty: as whoever started them. */
export interface ProcessOwner {
  readonly uid?: number
  readonly gid?: number
}

/** PostgreSQL refuses to run as root: there it runs as `nobody` (65534 on Linux), whom nothing belongs to. */
export function processOwner(): ProcessOwner {
  return process.getuid?.() === 0 ? { uid: 65_534, gid: 65_534 } : {}
}

/** Paths of sockets end at 103 bytes on macOS, at 107 on Linux: so much may stand before `/.s.PGSQL.5432`. */
const longestFolder = 103 - '/.s.PGSQL.5432'.length

/**
 * Makes a folder that `owner` may enter and nobody else, below the first of `parents` where that is possible: root's own temporary folder is closed to others,
 * and sockets need a short path. Throws with the reason for each where there is none.
 */
export async function makeFolder(owner: ProcessOwner, parents: readonly string[] = [tmpdir(), '/tmp', '/var/tmp', '/dev/shm']): Promise<string> {
  const reasons: string[] = []
  for (const parent of new Set(parents)) {
    try {
      const folder = await mkdtemp(join(parent, 'supabase-'))
      if (owner.uid !== undefined && owner.gid !== undefined) await chown(folder, owner.uid, owner.gid)
      if (Buffer.byteLength(folder) > longestFolder) reasons.push(`${parent}: its path is too long for a socket in it`)
      else if (spawnSync('/bin/sh', ['-c', 'cd "$1"', 'sh', folder], { ...owner, cwd: '/' }).status !== 0) reasons.push(`${parent}: user ${owner.uid ?? ''} may not enter it`)
      else return folder
      await rm(folder, { recursive: true, force: true })
    } catch (error) {
      reasons.push(`${parent}: ${(error as Error).message}`)
    }
  }
  throw new Error(`There is no folder for the local Supabase. ${reasons.join('; ')}`)
}
