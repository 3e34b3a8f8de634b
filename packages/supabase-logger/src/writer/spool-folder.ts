import { randomBytes } from 'node:crypto'
import { lstatSync, mkdirSync, readdirSync, readFileSync, renameSync, rmdirSync, rmSync, statSync, utimesSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { makeFolderSync } from '@track-orchestrator/registry/folders'
import { isAlive, ownIdentity, type ProcessIdentity } from './process-identity.ts'
import { Segment } from './segment.ts'

const lockName = 'owner.json'
/** Ours, and nobody else's: other files in the spool are left alone. */
const segmentName = /^\d{6,}\.jsonl$/
/** Segments adopted in one go: nothing else happens meanwhile. */
const atOnce = 200

/**
 * A process's own folder within the spool, with a lock that says whose it is. Nobody else writes into it.
 * The spool holds one a log: `<spool>/<owner>/owner.json` and `<spool>/<owner>/000001.jsonl` …
 */
export class SpoolFolder {
  readonly path: string
  #segments = 0

  /** Makes it, for this process only to read. Throws what the file system throws, and where the spool is somebody else's. */
  constructor(root: string) {
    openRoot(root)
    const name = `${Date.now().toString(36)}-${process.pid}-${randomBytes(4).toString('hex')}`
    this.path = join(root, name)
    // With its lock from the first moment on: what has none is taken for abandoned.
    const incoming = join(root, `.${name}`)
    mkdirSync(incoming, { mode: 0o700 })
    try {
      writeFileSync(join(incoming, lockName), JSON.stringify(ownIdentity()), { mode: 0o600 })
      renameSync(incoming, this.path)
    } catch (error) {
      removeFolder(incoming)
      throw error
    }
  }

  openSegment(): Segment {
    return Segment.create(this.nextPath())
  }

  nextPath(): string {
    return join(this.path, `${String(++this.#segments).padStart(6, '0')}.jsonl`)
  }

  /** A sign of life, for processes that cannot see this one. Whether the folder is still there: somebody may have removed it, or taken it over. */
  touch(): boolean {
    const now = new Date()
    try {
      utimesSync(join(this.path, lockName), now, now)
      return true
    } catch (error) {
      return (error as NodeJS.ErrnoException).code !== 'ENOENT'
    }
  }

  /** Takes a segment of a dead process over. `undefined` where another process was faster. Throws what else the file system throws. */
  take(path: string): Segment | undefined {
    const own = this.nextPath()
    try {
      renameSync(path, own)
      return Segment.found(own)
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined
      throw error
    }
  }

  /** Gives up the folder: what is left in it may be adopted at once. */
  release(): void {
    removeFolder(this.path)
  }
}

/** The segments that dead processes left in a spool, the oldest first, some at a time. `own`: the folder of whoever asks. Throws what the file system throws. */
export function abandonedSegments(root: string, own?: string): string[] {
  const identity = ownIdentity()
  const found: string[] = []
  for (const name of list(root)) {
    const path = join(root, name)
    if (name.startsWith('.') || path === own || !isFolder(path) || isOwned(path, identity)) continue
    const segments = list(path).filter((file) => segmentName.test(file))
    if (segments.length === 0) removeFolder(path)
    found.push(...segments.map((file) => join(path, file)))
    if (found.length >= atOnce) break
  }
  return found.slice(0, atOnce)
}

/** A folder counts as given up only where that is known: no lock is in it, or its owner is gone. Where that cannot be told just now, it has an owner. */
function isOwned(path: string, own: ProcessIdentity): boolean {
  const lock = join(path, lockName)
  try {
    const quietMs = Date.now() - statSync(lock).mtimeMs
    return isAlive(parseLock(readFileSync(lock, 'utf8')), quietMs, own)
  } catch (error) {
    return (error as NodeJS.ErrnoException).code !== 'ENOENT'
  }
}

/** A lock that says nothing, as after a power cut, is one of a process that cannot be looked at. */
function parseLock(text: string): ProcessIdentity {
  try {
    const lock = JSON.parse(text) as Partial<ProcessIdentity> | null
    if (typeof lock?.pid === 'number' && typeof lock.place === 'string') return lock as ProcessIdentity
  } catch {
    // No JSON.
  }
  return { pid: 0, place: '' }
}

/** The spool holds what tenants do: a folder that others may read, or that another user put there, is none of ours. */
function openRoot(root: string): void {
  makeFolderSync(root, { mode: 0o700 })
  const found = lstatSync(root)
  const isOurs = found.isDirectory() && (process.getuid === undefined || found.uid === process.getuid())
  if (!isOurs) throw new Error(`${root} is not a folder of this user`)
  if (process.getuid !== undefined && (found.mode & 0o077) !== 0) throw new Error(`${root} may be read by others: chmod 700 it, or name another folder`)
}

const isFolder = (path: string): boolean => lstatSync(path, { throwIfNoEntry: false })?.isDirectory() ?? false

function list(path: string): string[] {
  try {
    return readdirSync(path).toSorted()
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return []
    throw error
  }
}

/** Removes the lock, and the folder where nothing else is left in it. */
export function removeFolder(path: string): void {
  try {
    rmSync(join(path, lockName), { force: true })
    rmdirSync(path)
  } catch {
    // Something is left, or another process removed it.
  }
}
