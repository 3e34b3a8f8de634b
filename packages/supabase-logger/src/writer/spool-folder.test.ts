import fs, { mkdirSync, readdirSync, readFileSync, rmSync, utimesSync, writeFileSync } from 'node:fs'
import { syncBuiltinESMExports } from 'node:module'
import { join } from 'node:path'
import { expect, test, vi } from 'vitest'
import { eventRow } from '../testing/event-rows.ts'
import { temporaryFolder } from '../testing/temporary-folder.ts'
import { isAlive, ownIdentity } from './process-identity.ts'
import { toLine } from './segment.ts'
import { abandonedSegments, removeFolder, SpoolFolder } from './spool-folder.ts'

/** A spool with a segment in it that some process left. */
function spoolOf(owner: object, quietMs = 0): string {
  const root = join(temporaryFolder(), 'spool')
  const folder = join(root, 'left')
  mkdirSync(folder, { recursive: true, mode: 0o700 })
  writeFileSync(join(folder, '000001.jsonl'), toLine(eventRow(1)))
  writeFileSync(join(folder, 'owner.json'), JSON.stringify(owner))
  const seen = new Date(Date.now() - quietMs)
  utimesSync(join(folder, 'owner.json'), seen, seen)
  return root
}

const hasAbandoned = (root: string) => abandonedSegments(root).length > 0
const own = ownIdentity()
const hour = 3_600_000

test.skipIf(own.startedAt === undefined)('a pid that another process has now is not the one that died', () => {
  const root = spoolOf({ ...own, startedAt: `${Number(own.startedAt) - 1}` })
  expect(hasAbandoned(root)).toBe(true)
  const folder = new SpoolFolder(root)
  expect(abandonedSegments(root, folder.path).map((path) => folder.take(path)?.size)).toEqual([toLine(eventRow(1)).length])
  removeFolder(join(root, 'left'))
  expect(readdirSync(root)).toEqual([folder.path.slice(root.length + 1)])
})

test.skipIf(own.startedAt === undefined)('what a living process has is left alone, however long it gave no sign of life', () => {
  const root = spoolOf(own, hour)
  expect(abandonedSegments(root, new SpoolFolder(root).path)).toEqual([])
  expect(readdirSync(join(root, 'left')).toSorted()).toEqual(['000001.jsonl', 'owner.json'])
})

test('a process of another machine or container is dead once it has given no sign of life for two minutes', () => {
  const other = { ...own, place: 'elsewhere' }
  expect(hasAbandoned(spoolOf(other, 60_000))).toBe(false)
  expect(hasAbandoned(spoolOf(other, 180_000))).toBe(true)
})

test('where starts of processes cannot be told, a running pid and a sign of life are both needed', () => {
  const { startedAt: _, ...unknown } = own
  expect(isAlive(unknown, 1_000)).toBe(true)
  expect(isAlive(unknown, hour)).toBe(false)
  expect(isAlive({ ...unknown, pid: 2 ** 22 + 1 }, 1_000)).toBe(false)
})

test.skipIf(own.startedAt === undefined)('a process of this machine is looked at once', () => {
  const read = vi.spyOn(fs, 'readFileSync')
  syncBuiltinESMExports()
  try {
    expect(isAlive(own, hour, own)).toBe(true)
    expect(read.mock.calls.map(([path]) => path)).toEqual([`/proc/${own.pid}/stat`])
  } finally {
    vi.restoreAllMocks()
    syncBuiltinESMExports()
  }
})

test('a sign of life is seen by others', () => {
  const root = join(temporaryFolder(), 'spool')
  const folder = new SpoolFolder(root)
  folder.openSegment().close()
  const lock = join(folder.path, 'owner.json')
  writeFileSync(lock, JSON.stringify({ ...own, place: 'elsewhere' }))
  utimesSync(lock, new Date(0), new Date(0))
  expect(hasAbandoned(root)).toBe(true)
  folder.touch()
  expect(hasAbandoned(root)).toBe(false)
})

test('a folder that is given up may be adopted at once, and junk beside it harms nothing', () => {
  const root = join(temporaryFolder(), 'spool')
  const first = new SpoolFolder(root)
  const segment = first.openSegment()
  segment.append(Buffer.from(toLine(eventRow(1))))
  segment.close()
  first.release()
  writeFileSync(join(root, 'junk'), '')
  mkdirSync(join(root, 'empty'))
  writeFileSync(join(first.path, 'notes.jsonl'), 'not ours')
  const heir = new SpoolFolder(root)
  const [path, ...others] = abandonedSegments(root, heir.path)
  expect(others).toEqual([])
  expect(readFileSync(heir.take(path!)!.path, 'utf8')).toBe(toLine(eventRow(1)))
  expect(heir.take(path!)).toBeUndefined()
  removeFolder(first.path)
  expect(readdirSync(first.path)).toEqual(['notes.jsonl'])
})

test.each(['EMFILE', 'ENFILE', 'EACCES', 'EIO'])('a lock that cannot be read just now (%s) has an owner, and so has one whose owner cannot be looked at', (code) => {
  const root = spoolOf({ ...own, startedAt: '1' })
  expect(hasAbandoned(root)).toBe(true)
  const failing = (part: string) => (path: unknown, ...rest: unknown[]) => {
    if (String(path).includes(part)) throw Object.assign(new Error('not now'), { code })
    return (original as (...args: unknown[]) => unknown)(path, ...rest)
  }
  const original = fs.readFileSync
  for (const part of ['owner.json', `/proc/${own.pid}/stat`]) {
    const spy = vi.spyOn(fs, 'readFileSync').mockImplementation(failing(part) as never)
    syncBuiltinESMExports()
    let found: unknown = false
    try {
      found = hasAbandoned(root)
    } catch {
      // Said to the caller, who looks again later.
    } finally {
      spy.mockRestore()
      syncBuiltinESMExports()
    }
    expect(found).toBe(false)
  }
})

test.each(['', '{}', 'null', '{"pid":"x"}', '\0\0\0'])('a lock that says nothing (%j), as after a power cut, counts as left after two minutes without a sign of life', (text) => {
  for (const [quietMs, isLeft] of [[60_000, false], [180_000, true]] as const) {
    const root = spoolOf(own)
    const lock = join(root, 'left', 'owner.json')
    writeFileSync(lock, text)
    const seen = new Date(Date.now() - quietMs)
    utimesSync(lock, seen, seen)
    expect(hasAbandoned(root)).toBe(isLeft)
  }
})

test('where a folder cannot be made, nothing of it stays behind', () => {
  const root = join(temporaryFolder(), 'spool')
  const spy = vi.spyOn(fs, 'writeFileSync').mockImplementation(() => {
    throw Object.assign(new Error('no space left on device'), { code: 'ENOSPC' })
  })
  syncBuiltinESMExports()
  try {
    expect(() => new SpoolFolder(root)).toThrow('no space')
  } finally {
    spy.mockRestore()
    syncBuiltinESMExports()
  }
  expect(readdirSync(root)).toEqual([])
})

test('a folder knows when somebody removed it', () => {
  const folder = new SpoolFolder(join(temporaryFolder(), 'spool'))
  expect(folder.touch()).toBe(true)
  rmSync(folder.path, { recursive: true })
  expect(folder.touch()).toBe(false)
})
