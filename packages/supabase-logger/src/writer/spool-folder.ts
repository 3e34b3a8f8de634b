import { randomBytes } from 'node:crypto'
import { lstatSync, mkdirSync, readdirSync, readFileSync, renameSync, rmdirSync, rmSync, statSync, utimesSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { isAlive, ownIdentity, type ProcessIdentity } from './process-identity.ts'
import { Segment } from './segment.ts'

const lockName = 'owner.json'
const segmentEnd = '.jsonl'
/** Segments adopted in one go: nothing else happens meanwhile. */
const atOnce = 200

/**
 * A process's own folder within the spool, with a lock that says whose it is. Nobody else writes into it.
 * The spool holds one a log: `<spool>/<owner>/owner.json` and `<spool>/<owner>/000001.jsonl` …
 */
export class SpoolFolder {
  readonly root: string
  readonly path: string
  #segments = 0

  /** Makes it, for this process only to read. Throws what the file system throws, and where the spool is somebody else's. */
  constructor(root: string) {
    this.root = root
    openRoot(root)
    const name = `${Date.now().toString(36)}-${process.pid}-${randomBytes(4).toString('hex')}`
    this.path = join(root, name)
    // With its lock from the first moment on: what has none is taken for abandoned.
    const incoming = join(root, `.${name}`)
    mkdirSync(incoming, { mode: 0o700 })
    writeFileSync(join(incoming, lockName), JSON.stringify(ownIdentity()), { mode: 0o600 })
    renameSync(incoming, this.path)
  }

  openSegment(): Segment {
    return Segment.create(this.#nextPath())
  }

  /** A sign of life, for processes that cannot see this one. */
  touch(): void {
    const now = new Date()
    try {
      utimesSync(join(this.path, lockName), now, now)
    } catch {
      // Gone: then another process took the segments over, and sends them too.
    }
  }

  /** Takes over the segments of processes that are dead, some at a time. Two that try it at once share them out. */
  adopt(): Segment[] {
    const adopted: Segment[] = []
    for (const path of abandonedFolders(this.root, this.path)) {
      for (const name of listSegments(path)) {
        if (adopted.length === atOnce) return adopted
        const own = this.#nextPath()
        try {
          renameSync(join(path, name), own)
          adopted.push(Segment.found(own))
        } catch {
          // Another process was faster.
        }
      }
      removeFolder(path)
    }
    return adopted
  }

  /** Gives up the folder: what is left in it may be adopted at once. */
  release(): void {
    removeFolder(this.path)
  }

  #nextPath(): string {
    return join(this.path, `${String(++this.#segments).padStart(6, '0')}${segmentEnd}`)
  }
}

/** Whether some process died and left segments in the spool. */
export function hasAbandoned(root: string): boolean {
  return abandonedFolders(root).length > 0
}

/** Folders of dead processes, the oldest first. */
function abandonedFolders(root: string, own?: string): string[] {
  const identity = ownIdentity()
  return listFolders(root)
    .map((name) => join(root, name))
    .filter((path) => path !== own && !isOwned(path, identity))
}

function isOwned(path: string, own: ProcessIdentity): boolean {
  try {
    const lock = join(path, lockName)
    const owner = JSON.parse(readFileSync(lock, 'utf8')) as ProcessIdentity
    return isAlive(owner, Date.now() - statSync(lock).mtimeMs, own)
  } catch {
    return false // given up, or on its way out
  }
}

/** The spool holds what tenants do: a folder that others may read, or that another user put there, is none of ours. */
function openRoot(root: string): void {
  mkdirSync(root, { recursive: true, mode: 0o700 })
  const found = lstatSync(root)
  const isOurs = found.isDirectory() && (process.getuid === undefined || found.uid === process.getuid())
  if (!isOurs) throw new Error(`${root} is not a folder of this user`)
  if (process.getuid !== undefined && (found.mode & 0o077) !== 0) throw new Error(`${root} may be read by others: chmod 700 it, or name another folder`)
}

const listFolders = (root: string): string[] => list(root).filter((name) => !name.startsWith('.') && name !== 'dead.jsonl')
const listSegments = (path: string): string[] => list(path).filter((name) => name.endsWith(segmentEnd))

function list(path: string): string[] {
  try {
    return readdirSync(path).toSorted()
  } catch {
    return []
  }
}

/** Removes the lock, and the folder where nothing else is left in it. */
function removeFolder(path: string): void {
  try {
    rmSync(join(path, lockName), { force: true })
    rmdirSync(path)
  } catch {
    // Segments are left, another process removed it, or it is no folder.
  }
}
