import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { cp, mkdtemp, readdir, readFile, rm, truncate } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { readRecords } from '../journal/read-records.ts'
import { createSeededRandom } from '../testing/seeded-random.ts'
import { createTale, taleOutput } from '../testing/journaled-tale.ts'

// JOURNAL_PROOFS=all: cut at every byte, killed at every record and at 50 moments. JOURNAL_SEED: which, where not all are tried.
const isWhole = process.env['JOURNAL_PROOFS'] === 'all'
const seed = Number(process.env['JOURNAL_SEED'] ?? 1)
const size = 1
const base = { tenantId: 'acme', projectId: 'p1', size }

let folder: string
/** A run that is over, and its journal. */
let recorded: string
let whole: Buffer
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'journal-proofs-'))
  recorded = join(folder, 'whole')
  const { runner, orchestrator } = createTale({ folder: recorded, done: () => {} })
  await runner.runOrchestrator(orchestrator, base, { runId: 'r1' })
  whole = await readFile(journalFile(recorded))
})
afterAll(() => rm(folder, { recursive: true, force: true }))

const journalFile = (tracks: string) => join(tracks, 'runs/r1/journal.jsonl')

/** What of a journal's bytes is whole: the paths of calls that finished, and where it ends. */
function wholeOf(bytes: Buffer) {
  const { records, endBytes } = readRecords(bytes, 'journal')
  return { endBytes, count: records.length, finished: new Set(records.flatMap(({ type, path }) => (type === 'call.succeeded' ? [path as string] : []))) }
}

/** Goes on with what stands in a folder, and looks that everything is as it has to be. */
async function proveResumed(tracks: string, padding = 0): Promise<void> {
  const before = await readFile(journalFile(tracks))
  const { endBytes, finished } = wholeOf(before)
  const done: string[] = []
  const { runner } = createTale({ folder: tracks, done: (path) => done.push(path), padding })
  expect(await runner.resume('r1')).toMatchObject({ status: 'succeeded', output: taleOutput(size) })
  expect(done.filter((path) => finished.has(path))).toEqual([])
  expect(new Set(done).size).toBe(done.length)
  const after = await readFile(journalFile(tracks))
  expect(after.subarray(0, endBytes).equals(before.subarray(0, endBytes))).toBe(true)
  expect(wholeOf(after).endBytes).toBe(after.length)
  const left = await readdir(join(tracks, 'runs/r1'), { recursive: true })
  expect(left.filter((name) => !/^(?:journal\.jsonl|run\.json|blobs(?:\/[\da-f]{64}\.json)?)$/.test(name.replaceAll('\\', '/')))).toEqual([])
}

test('a journal cut off at any byte is resumed to the same output, with what stood there as it was', { timeout: 480_000 }, async () => {
  const first = whole.indexOf('\n') + 1
  const isAtEnd = (cut: number) => [cut - 2, cut - 1, cut].some((place) => whole[place] === 0x0a)
  const cuts = Array.from({ length: whole.length - first }, (_, index) => first + index).filter((cut) => isWhole || isAtEnd(cut) || (cut + seed) % 10 === 0)
  let next = 0
  // Some at once: each waits for the disk most of the time.
  await Promise.all(Array.from({ length: 8 }, async (_, lane) => {
    for (let cut = cuts[next++]; cut !== undefined; cut = cuts[next++]) {
      const at = join(folder, `lane-${lane}`)
      await cp(recorded, at, { recursive: true })
      await truncate(journalFile(at), cut)
      await proveResumed(at)
      await rm(at, { recursive: true })
    }
  }))
})

test('cut off within its first record, it is no run: nothing was begun', async () => {
  const at = join(folder, 'first')
  await cp(recorded, at, { recursive: true })
  await truncate(journalFile(at), whole.indexOf('\n'))
  await expect(createTale({ folder: at, done: () => {} }).runner.resume('r1')).rejects.toMatchObject({ code: 'journal/unknown_run' })
})

describe('a process that is killed', { timeout: 480_000 }, () => {
  const program = fileURLToPath(new URL('../testing/journaled-tale-child.ts', import.meta.url))
  const padding = 20_000

  /** Runs the tale in a process of its own; answers how it ended. */
  async function killed(tracks: string, when: string): Promise<NodeJS.Signals | null> {
    const child = spawn(process.execPath, ['--conditions=@track-orchestrator/source', '--import', 'tsx', program, tracks, when, String(size), String(padding)], { stdio: 'inherit' })
    const [, signal] = (await once(child, 'exit')) as [number | null, NodeJS.Signals | null]
    return signal
  }

  test('after any record leaves a run that is resumed', async () => {
    const at = join(folder, 'records')
    expect(await killed(at, 'record 0')).toBeNull() // lives
    const { count } = wholeOf(await readFile(journalFile(at)))
    const every = Array.from({ length: count - 1 }, (_, index) => index + 2)
    const random = createSeededRandom(seed)
    for (const record of isWhole ? every : every.filter(() => random.chance(6 / every.length))) {
      await rm(at, { recursive: true })
      expect(await killed(at, `record ${record}`), `JOURNAL_SEED=${seed}, record ${record}`).toBe('SIGKILL')
      await proveResumed(at, padding)
    }
  })

  test('at any moment leaves a run that is resumed, or none', async () => {
    const random = createSeededRandom(seed)
    for (let moment = 0; moment < (isWhole ? 50 : 4); moment++) {
      const at = join(folder, `moment-${moment}`)
      const afterMs = random.below(6_000) / 100
      await killed(at, `ms ${afterMs}`)
      const bytes = await readFile(journalFile(at)).catch(() => undefined)
      if (bytes && wholeOf(bytes).count > 0) await proveResumed(at, padding)
    }
  })
})
