import { mkdirSync, readdirSync, readFileSync, utimesSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { eventRow } from '../testing/event-rows.ts'
import { temporaryFolder } from '../testing/temporary-folder.ts'
import { toLine } from './lines.ts'
import { isAlive, ownIdentity } from './process-identity.ts'
import { hasAbandoned, SpoolFolder } from './spool-folder.ts'

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

const own = ownIdentity()
const hour = 3_600_000

test.skipIf(own.startedAt === undefined)('a pid that another process has now is not the one that died', () => {
  const root = spoolOf({ ...own, startedAt: `${Number(own.startedAt) - 1}` })
  expect(hasAbandoned(root)).toBe(true)
  const folder = new SpoolFolder(root)
  expect(folder.adopt().map(({ size }) => size)).toEqual([toLine(eventRow(1)).length])
  expect(readdirSync(root)).toEqual([folder.path.slice(root.length + 1)])
})

test.skipIf(own.startedAt === undefined)('what a living process has is left alone, however long it gave no sign of life', () => {
  const root = spoolOf(own, hour)
  expect(new SpoolFolder(root).adopt()).toEqual([])
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

test('a sign of life is seen by others', () => {
  const root = join(temporaryFolder(), 'spool')
  const folder = new SpoolFolder(root)
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
  const [adopted] = new SpoolFolder(root).adopt()
  expect(readFileSync(adopted!.path, 'utf8')).toBe(toLine(eventRow(1)))
})
