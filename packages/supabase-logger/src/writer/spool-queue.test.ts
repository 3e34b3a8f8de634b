import { mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { eventRow } from '../testing/event-rows.ts'
import { temporaryFolder } from '../testing/temporary-folder.ts'
import { Segment, toLine } from './segment.ts'
import { SpoolQueue } from './spool-queue.ts'

/** A queue on real files, and a disk that can be full. */
function openQueue(folder: string, memoryRows: number) {
  let segments = 0
  let isFull = false
  const refusals: unknown[] = []
  const unreadable: string[] = []
  const queue = new SpoolQueue({
    memory: { rows: memoryRows, bytes: 1_000_000 },
    segmentBytes: 2_000,
    onDiskRefused: (error) => refusals.push(error),
    onUnreadable: (segment) => unreadable.push(segment.path),
    openSegment: () => {
      if (isFull) throw new Error('full')
      return Segment.create(join(folder, `${String(++segments).padStart(6, '0')}.jsonl`))
    },
  })
  return { queue, refusals, unreadable, setFull: (full: boolean) => (isFull = full) }
}

const step = fc.oneof(
  fc.record({ kind: fc.constant('append' as const), count: fc.integer({ min: 1, max: 30 }) }),
  fc.record({ kind: fc.constant('take' as const), rows: fc.integer({ min: 1, max: 25 }), settled: fc.array(fc.nat({ max: 24 }), { maxLength: 25 }) }),
)
const steps = fc.array(step, { maxLength: 40 })

/** Does the steps, settling some of what was looked at, and tells which rows were settled, and how many were written. */
async function play(queue: SpoolQueue, todo: readonly (typeof steps extends fc.Arbitrary<infer S> ? S : never)[number][]) {
  const settled: number[] = []
  let written = 0
  const take = async (rows: number, which: (index: number) => boolean) => {
    const entries = await queue.peek({ rows, bytes: 3_000 })
    expect(entries.length).toBeLessThanOrEqual(rows)
    expect(entries.map(({ row }) => row!.sequence)).toEqual(entries.map(({ row }) => row!.sequence).toSorted((a, b) => a - b))
    const done = entries.filter((_, index) => which(index))
    queue.settle(done)
    settled.push(...done.map(({ row }) => row!.sequence))
  }
  for (const one of todo) {
    if (one.kind === 'take') await take(one.rows, (index) => one.settled.includes(index))
    else for (let index = 0; index < one.count; index++) queue.append(toLine(eventRow(++written)))
  }
  const sorted = () => settled.toSorted((a, b) => a - b)
  const first = numbers(written + 1).find((number) => !settled.includes(number))! - 1
  expect(queue.passed).toBe(written === 0 ? 0 : first)
  return { settled: sorted, written, drain: async () => { while (!queue.isEmpty) await take(20, () => true) } }
}

const numbers = (count: number) => Array.from({ length: count }, (_, index) => index + 1)

test('however rows come and go, in whatever order they are settled, and however few fit into memory: each is taken once, and no file stays', async () => {
  await fc.assert(
    fc.asyncProperty(steps, fc.integer({ min: 1, max: 40 }), async (todo, memoryRows) => {
      const folder = temporaryFolder()
      const { queue } = openQueue(folder, memoryRows)
      const { settled, written, drain } = await play(queue, todo)
      await drain()
      expect(settled()).toEqual(numbers(written))
      expect(queue).toMatchObject({ written, settled: written, passed: written, bytesOnDisk: 0, heldRows: 0 })
      queue.close()
      expect(readdirSync(folder)).toEqual([])
    }),
    { numRuns: 60 },
  )
})

test('whenever the process dies: every row that was not settled is found on disk', async () => {
  await fc.assert(
    fc.asyncProperty(steps, fc.integer({ min: 1, max: 40 }), async (todo, memoryRows) => {
      const folder = temporaryFolder()
      const first = await play(openQueue(folder, memoryRows).queue, todo)
      const heir = openQueue(temporaryFolder(), memoryRows).queue
      for (const name of readdirSync(folder).toSorted()) heir.adopt(Segment.found(join(folder, name))!)
      const second = await play(heir, [])
      await second.drain()
      const waiting = numbers(first.written).filter((number) => !first.settled().includes(number))
      expect(second.settled()).toEqual(expect.arrayContaining(waiting))
      expect(readdirSync(folder)).toEqual([])
      expect(heir.bytesOnDisk).toBe(0)
    }),
    { numRuns: 60 },
  )
})

test('where the disk takes nothing, rows are kept in memory as long as there is room, and what is lost is said to be', async () => {
  const { queue, refusals, setFull } = openQueue(temporaryFolder(), 3)
  setFull(true)
  const line = toLine(eventRow(1))
  expect([1, 2, 3, 4].map(() => queue.append(line))).toEqual(['memory', 'memory', 'memory', 'lost'])
  setFull(false)
  expect(queue.append(line)).toBe('disk')
  expect(refusals).toHaveLength(4)
  const entries = await queue.peek({ rows: 10, bytes: 10_000 })
  expect(entries).toHaveLength(3)
  queue.settle(entries)
  expect(await queue.peek({ rows: 10, bytes: 10_000 })).toHaveLength(1)
})

test('what was looked at before the files were closed settles nothing afterwards', async () => {
  const { queue } = openQueue(temporaryFolder(), 10)
  queue.append(toLine(eventRow(1)))
  const entries = await queue.peek({ rows: 10, bytes: 10_000 })
  queue.close()
  queue.append(toLine(eventRow(2)))
  queue.settle(entries)
  const later = await queue.peek({ rows: 10, bytes: 10_000 })
  queue.settle(entries)
  expect(later.map(({ row }) => row!.sequence)).toEqual([2])
  expect(queue.isEmpty).toBe(false)
})

test('a line that is added while a torn one before it is read is not taken for read', async () => {
  const path = join(temporaryFolder(), 'torn.jsonl')
  writeFileSync(path, '{"torn":')
  const { queue } = openQueue(temporaryFolder(), 10)
  const segment = Segment.create(path)
  queue.adopt(segment)
  const looking = queue.peek({ rows: 10, bytes: 10_000 })
  segment.append(Buffer.from(`\n${toLine(eventRow(7))}`))
  expect((await looking).flatMap(({ row }) => row?.sequence ?? [])).toEqual([7])
})

test('a segment that cannot be read, or is gone, is passed over; one that cannot be opened just now is not', async () => {
  const folder = temporaryFolder()
  const { queue, unreadable } = openQueue(folder, 10)
  const found = (name: string) => {
    const path = join(folder, `${name}.jsonl`)
    writeFileSync(path, toLine(eventRow(Number(name))))
    queue.adopt(Segment.found(path)!)
    return path
  }
  rmSync(found('1'))
  const broken = found('2')
  rmSync(broken)
  mkdirSync(broken)
  found('3')
  const numbersOf = async () => (await queue.peek({ rows: 10, bytes: 10_000 })).map(({ row }) => row?.sequence)
  expect(await numbersOf()).toEqual([3])
  expect(unreadable).toEqual([broken])

  const { queue: other } = openQueue(folder, 10)
  const busy = Segment.found(join(folder, '3.jsonl'))!
  busy.read = () => Promise.reject(Object.assign(new Error('too many open files'), { code: 'EMFILE' }))
  other.adopt(busy)
  await expect(other.peek({ rows: 1, bytes: 1 })).rejects.toThrow('too many open files')
  expect(other.isEmpty).toBe(false)
})

test('lines that are passed over are drawn no more, and their file stays for the next process', async () => {
  const folder = temporaryFolder()
  const path = join(folder, '000001.jsonl')
  writeFileSync(path, `{"a":1}\n${toLine(eventRow(1))}`)
  const { queue } = openQueue(folder, 10)
  queue.adopt(Segment.found(path)!)
  const entries = await queue.peek({ rows: 10, bytes: 10_000 })
  queue.settle(entries.filter(({ row }) => row))
  queue.leave(entries)
  expect(queue.isEmpty).toBe(true)
  queue.close()
  expect(readdirSync(folder)).toEqual(['000001.jsonl'])
})
