import { execFileSync } from 'node:child_process'
import fs, { existsSync, readFileSync } from 'node:fs'
import { appendFile, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { syncBuiltinESMExports } from 'node:module'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { RecordAppender } from './append-records.ts'
import { readRecords } from './read-records.ts'

let folder: string
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'append-records-'))
})
afterAll(() => rm(folder, { recursive: true, force: true }))

const read = async (path: string) => readRecords(await readFile(path), path)

test('records are numbered on, and stand in the order in which they were handed in', async () => {
  const path = join(folder, 'order.jsonl')
  const appender = await RecordAppender.open(path, 0, 0)
  await Promise.all(Array.from({ length: 100 }, async (_, index) => {
    expect(appender.write({ type: 'x', index })).toBe(index + 1)
    await appender.safe()
  }))
  await appender.close()
  expect((await read(path)).records.map(({ index }) => index)).toEqual(Array.from({ length: 100 }, (_, index) => index))
})

test('what is noted stands before what is written after it, and is written by itself when the turn ends', async () => {
  const path = join(folder, 'noted.jsonl')
  const appender = await RecordAppender.open(path, 0, 0)
  const types = async () => (await read(path)).records.map(({ n, type }) => [n, type])
  appender.note({ type: 'noted' })
  appender.note({ type: 'noted' })
  expect(readFileSync(path, 'utf8')).toBe('')
  expect(appender.write({ type: 'written' })).toBe(3)
  expect(await types()).toEqual([[1, 'noted'], [2, 'noted'], [3, 'written']])
  appender.note({ type: 'late' })
  await expect.poll(types).toHaveLength(4)
  appender.note({ type: 'last' })
  await appender.safe()
  expect(await types()).toHaveLength(5)
  appender.note({ type: 'closing' })
  await appender.close()
  expect((await types()).at(-1)).toEqual([6, 'closing'])
})

test('what is safe is not made safe again', async () => {
  const { fdatasync } = fs
  let syncs = 0
  fs.fdatasync = ((file, done) => {
    syncs++
    fdatasync(file, done)
  }) as typeof fdatasync
  syncBuiltinESMExports()
  try {
    const appender = await RecordAppender.open(join(folder, 'safe.jsonl'), 0, 0)
    for (const type of ['first', 'second']) {
      appender.write({ type })
      await appender.safe()
      await appender.safe()
    }
    expect(syncs).toBe(2)
    appender.note({ type: 'last' })
    await appender.close()
    expect(syncs).toBe(3)
  } finally {
    fs.fdatasync = fdatasync
    syncBuiltinESMExports()
  }
})

test('a value that is JSON already is written as the last key of its record', async () => {
  const path = join(folder, 'value.jsonl')
  const appender = await RecordAppender.open(path, 0, 0)
  appender.write({ type: 'call.succeeded', key: 'T/s#00' }, { name: 'output', json: '{"text":"schön","__proto__":1}' })
  await appender.close()
  expect(await readFile(path, 'utf8')).toMatch(/^\{"n":1,"at":\d+,"type":"call.succeeded","key":"T\/s#00","output":\{"text":"schön","__proto__":1\},"crc":"[\da-f]{8}"\}\n$/)
  expect((await read(path)).records).toMatchObject([{ type: 'call.succeeded', output: { text: 'schön' } }])
})

test('records of any size and script are whole in the file, and read as they were handed in', async () => {
  const path = join(folder, 'sizes.jsonl')
  const appender = await RecordAppender.open(path, 0, 0)
  const texts = ['schön', '\ud83c\udf9e', '\ud800', '\u20ac'.repeat(30_000), 'x'.repeat(4_000), 'y'.repeat(200_000), '']
  for (const text of texts) {
    appender.note({ type: 'noted', text })
    appender.note({ type: 'noted', text })
    appender.write({ type: 'written' }, { name: 'output', json: JSON.stringify(text) })
  }
  await appender.close()
  expect((await read(path)).records.map(({ text, output }) => text ?? output)).toEqual(texts.flatMap((text) => [text, text, text]))
})

test('what cannot be written as JSON is refused, and leaves no gap in the numbers', async () => {
  const path = join(folder, 'no-json.jsonl')
  const appender = await RecordAppender.open(path, 0, 0)
  appender.write({ type: 'first' })
  expect(() => appender.write({ type: 'x', count: 1n })).toThrow(/BigInt/)
  expect(appender.write({ type: 'second' })).toBe(2)
  await appender.close()
  expect((await read(path)).records.map(({ type }) => type)).toEqual(['first', 'second'])
})

test('a torn last line is cut off, and what stood before it stays as it was', async () => {
  const path = join(folder, 'torn.jsonl')
  const first = await RecordAppender.open(path, 0, 0)
  first.write({ type: 'kept' })
  await first.close()
  const before = await readFile(path)
  await appendFile(path, '{"n":2,"at":17')
  const { records, endBytes } = await read(path)
  const second = await RecordAppender.open(path, records.length, endBytes)
  second.write({ type: 'next' })
  await second.close()
  const after = await readFile(path)
  expect(after.subarray(0, before.length)).toEqual(before)
  expect((await read(path)).records.map(({ n, type }) => [n, type])).toEqual([[1, 'kept'], [2, 'next']])
})

// A file system of 64 kB can only be mounted by root.
const isRoot = process.getuid?.() === 0
test.skipIf(!isRoot)('where the disk is full, the record is refused by name, nothing torn is left, and the journal can be gone on with when there is room', async () => {
  const small = join(folder, 'small')
  await mkdir(small)
  execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=64k', 'tmpfs', small])
  try {
    const path = join(small, 'journal.jsonl')
    const appender = await RecordAppender.open(path, 0, 0)
    await writeFile(join(small, 'other'), Buffer.alloc(40_000))
    let written = 0
    const full = () => {
      for (;;) {
        appender.write({ type: 'x', text: 'x'.repeat(3_000) })
        written++
      }
    }
    expect(full).toThrow(expect.objectContaining({ code: 'journal/write_failed', message: expect.stringMatching(/ENOSPC.*Make room, then resume/) as string }))
    expect(written).toBeGreaterThan(2)
    await expect(appender.safe()).rejects.toMatchObject({ code: 'journal/write_failed' })
    expect(() => appender.write({ type: 'x' })).toThrow(/cannot be written/)
    await appender.close()
    await rm(join(small, 'other'))
    const { records, endBytes } = await read(path)
    expect(records).toHaveLength(written)
    const next = await RecordAppender.open(path, records.length, endBytes)
    next.write({ type: 'y' })
    await next.close()
    expect((await read(path)).records.at(-1)).toMatchObject({ n: written + 1, type: 'y' })
  } finally {
    execFileSync('umount', [small])
  }
})

test('a journal is for its owner only', async () => {
  const path = join(folder, 'mode.jsonl')
  await (await RecordAppender.open(path, 0, 0)).close()
  expect(existsSync(path)).toBe(true)
  expect(execFileSync('stat', ['-c', '%a', path], { encoding: 'utf8' }).trim()).toBe('600')
})
