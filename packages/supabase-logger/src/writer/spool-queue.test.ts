import { readdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { eventRow } from '../testing/event-rows.ts'
import { temporaryFolder } from '../testing/temporary-folder.ts'
import { toLine } from './lines.ts'
import { Segment } from './segment.ts'
import { SpoolQueue } from './spool-queue.ts'

/** A queue on real files, and a disk that can be full. */
function openQueue(folder: string, memoryRows: number) {
  let segments = 0
  let isFull = false
  const refusals: unknown[] = []
  const queue = new SpoolQueue({
    memory: { rows: memoryRows, bytes: 1_000_000 },
    segmentBytes: 2_000,
    onDiskRefused: (error) => refusals.push(error),
    openSegment: () => {
      if (isFull) throw new Error('full')
      return Segment.create(join(folder, `${String(++segments).padStart(6, '0')}.jsonl`))
    },
  })
  return { queue, refusals, setFull: (full: boolean) => (isFull = full) }
}

const step = fc.oneof(
  fc.record({ kind: fc.constant('append' as const), count: fc.integer({ min: 1, max: 30 }) }),
  fc.record({ kind: fc.constant('take' as const), rows: fc.integer({ min: 1, max: 25 }), settled: fc.nat({ max: 25 }) }),
)
const steps = fc.array(step, { maxLength: 40 })

/** Does the steps, and tells which rows were settled, in their order, and which were written. */
async function play(queue: SpoolQueue, todo: readonly (typeof steps extends fc.Arbitrary<infer S> ? S : never)[number][]) {
  const settled: number[] = []
  let written = 0
  const take = async (rows: number, count: number) => {
    const entries = await queue.peek({ rows, bytes: 3_000 })
    const done = entries.slice(0, count)
    queue.settle(entries, count)
    settled.push(...done.map(({ row }) => row!.sequence))
    return done.length
  }
  for (const one of todo) {
    if (one.kind === 'take') await take(one.rows, one.settled)
    else for (let index = 0; index < one.count; index++) queue.append(toLine(eventRow(++written)))
  }
  return { settled, written, drain: async () => { while (!queue.isEmpty) await take(20, 20) } }
}

const numbers = (count: number) => Array.from({ length: count }, (_, index) => index + 1)

test('however rows come and go, and however few fit into memory: each is taken once, in order, and no file stays', async () => {
  await fc.assert(
    fc.asyncProperty(steps, fc.integer({ min: 1, max: 40 }), async (todo, memoryRows) => {
      const folder = temporaryFolder()
      const { queue } = openQueue(folder, memoryRows)
      const { settled, written, drain } = await play(queue, todo)
      await drain()
      expect(settled).toEqual(numbers(written))
      expect(queue).toMatchObject({ written, settled: written, bytesOnDisk: 0, heldRows: 0 })
      queue.close()
      expect(readdirSync(folder)).toEqual([])
    }),
    { numRuns: 60 },
  )
})

test('whenever the process dies: every row that was not settled is found on disk, in order', async () => {
  await fc.assert(
    fc.asyncProperty(steps, fc.integer({ min: 1, max: 40 }), async (todo, memoryRows) => {
      const folder = temporaryFolder()
      const first = await play(openQueue(folder, memoryRows).queue, todo)
      const heir = openQueue(temporaryFolder(), memoryRows).queue
      for (const name of readdirSync(folder).toSorted()) heir.adopt(Segment.found(join(folder, name)))
      const second = await play(heir, [])
      await second.drain()
      const waiting = numbers(first.written).slice(first.settled.length)
      expect(second.settled.slice(second.settled.length - waiting.length)).toEqual(waiting)
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
  queue.settle(entries, 3)
  expect(await queue.peek({ rows: 10, bytes: 10_000 })).toHaveLength(1)
})

test('what was looked at before the files were closed settles nothing afterwards', async () => {
  const { queue } = openQueue(temporaryFolder(), 10)
  queue.append(toLine(eventRow(1)))
  const entries = await queue.peek({ rows: 10, bytes: 10_000 })
  queue.close()
  queue.append(toLine(eventRow(2)))
  queue.settle(entries, 1)
  const later = await queue.peek({ rows: 10, bytes: 10_000 })
  queue.settle(entries, 1)
  expect(later.map(({ row }) => row!.sequence)).toEqual([2])
  expect(queue.isEmpty).toBe(false)
})

test('a line that is added while a torn one before it is read is not taken for read', async () => {
  const path = join(temporaryFolder(), 'torn.jsonl')
  writeFileSync(path, '{"torn":')
  const { queue } = openQueue(temporaryFolder(), 10)
  const segment = Segment.found(path)
  queue.adopt(segment)
  const looking = queue.peek({ rows: 10, bytes: 10_000 })
  segment.append(Buffer.from(`\n${toLine(eventRow(7))}`))
  expect((await looking).flatMap(({ row }) => row?.sequence ?? [])).toEqual([7])
})
