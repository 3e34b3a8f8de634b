import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { defineRegistry, defineTask, type TaskCache } from '@track-orchestrator/registry'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { z } from 'zod'
import type { TrackDefinition } from '../definition/definition.ts'
import { createJournal, createRunner, type JournalOptions } from './index.ts'

const base = { tenantId: 'acme', projectId: 'p1' }
let folder: string
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'cached-outcomes-'))
})
afterEach(() => rm(folder, { recursive: true, force: true }))

interface Shape {
  readonly cache?: TaskCache
  readonly output?: z.ZodObject<{ text: z.ZodString }>
  readonly contentOf?: JournalOptions['contentOf']
  /** What the output names, beside the text. */
  readonly file?: string
}

/** A track of one task, which says its text aloud, and the texts that were said. */
function speech({ cache = { version: '1' }, output = z.object({ text: z.string() }), contentOf, file }: Shape = {}) {
  const said: string[] = []
  const registry = defineRegistry({
    say: defineTask({ name: 'say', input: z.object({ text: z.string(), size: z.int().default(0) }), output: output.extend({ file: z.string().optional() }), ...(cache.version !== '' && { cache }) }),
  })
  const track: TrackDefinition = { name: 'Speech', tasks: [{ taskName: 'say' }] }
  const journal = createJournal({ folder, ...(contentOf && { contentOf }) })
  const handlers = {
    say: (input: { text: string; size: number }) => {
      said.push(input.text)
      const text = input.text + '!'.repeat(input.size)
      input.text = 'changed by its handler'
      return { text, ...(file !== undefined && { file }) }
    },
  }
  const runner = createRunner({ registry, journal, tracks: [track], handlers })
  const run = async (text: string, more: object = {}, runId?: string) => ((await runner.runTrack(track, { ...base, text, ...more }, runId === undefined ? {} : { runId })) as { text: string }).text
  return { runner, journal, run, said }
}

test('another run takes the outcome of the same input, and says of whom; another tenant, project or input does not', async () => {
  const { run, said, journal, runner } = speech()
  await run('hello', {}, 'r1')
  expect(await run('hello', {}, 'r2')).toBe('hello')
  expect(said).toEqual(['hello'])
  expect(await journal.steps('r2')).toMatchObject([{ status: 'succeeded', takenFrom: 'r1', output: { text: 'hello' } }])
  expect(await runner.resume('r2')).toMatchObject({ status: 'succeeded', output: { text: 'hello' } })
  await run('hello', { tenantId: 'other' })
  await run('hello', { projectId: 'p2' })
  await run('bye')
  expect(said).toEqual(['hello', 'hello', 'hello', 'bye'])
})

test('a big outcome is taken whole, also after the run that took it lost the one that made it', async () => {
  const { run, said, journal, runner } = speech()
  const long = await run('a', { size: 40_000 }, 'r1')
  expect(await run('a', { size: 40_000 }, 'r2')).toBe(long)
  await journal.delete('r1')
  expect(await runner.resume('r2')).toMatchObject({ output: { text: long } })
  expect(said).toEqual(['a'])
})

test.each<[string, Shape, Shape]>([
  ['no cache in the contract', { cache: { version: '' } }, { cache: { version: '' } }],
  ['another version of the cache', {}, { cache: { version: '2' } }],
  ['another schema', {}, { output: z.object({ text: z.string().max(99) }) }],
  ['an outcome that is too old', {}, { cache: { version: '1', ttlMs: 1 } }],
])('nothing is taken with %s', async (_what, first, second) => {
  await speech(first).run('hello')
  await new Promise((resolve) => setTimeout(resolve, 5))
  const { run, said } = speech(second)
  await run('hello')
  expect(said).toEqual(['hello'])
})

test('a file is what lies in it: elsewhere the same is the same, and another content in the same place is not', async () => {
  const { run, said } = speech()
  const place = async (name: string, content: string) => {
    await writeFile(join(folder, name), content)
    return pathToFileURL(join(folder, name)).href
  }
  const first = await place('a.wav', 'one')
  await run(first)
  await run(await place('b.wav', 'one'))
  expect(said).toEqual([first])
  await place('a.wav', 'two')
  await run(first)
  expect(said).toEqual([first, first])
  await rm(join(folder, 'a.wav'))
  await run(first)
  await run(first)
  expect(said).toHaveLength(4)
})

test('what a URL elsewhere holds is asked of the caller, with whose it is; what is not known is not cached', async () => {
  const unknown = speech()
  await unknown.run('https://files.example/a.wav')
  await unknown.run('https://files.example/a.wav')
  expect(unknown.said).toHaveLength(2)
  const asked: string[] = []
  const { run, said } = speech({ contentOf: async (url, { tenantId }) => (asked.push(`${tenantId} ${url}`), 'etag-1') })
  await run('https://files.example/a.wav')
  await run('https://files.example/b.wav')
  expect(said).toHaveLength(1)
  expect(asked).toContain('acme https://files.example/b.wav')
})

test('an outcome that names a file is taken only while that file is what it was', async () => {
  const path = join(folder, 'said.wav')
  await writeFile(path, 'sound')
  const { run, said } = speech({ file: pathToFileURL(path).href })
  await run('hello')
  await run('hello')
  expect(said).toHaveLength(1)
  await writeFile(path, 'noise')
  await run('hello')
  expect(said).toHaveLength(2)
  await rm(path)
  await run('hello')
  expect(said).toHaveLength(3)
})

test('deleting a run, or a tenant, deletes what others could take', async () => {
  const { run, said, journal } = speech()
  await run('hello', {}, 'r1')
  await journal.delete('r1')
  await run('hello', {}, 'r2')
  expect(said).toHaveLength(2)
  await journal.deleteTenant('acme')
  await run('hello', {}, 'r3')
  expect(said).toHaveLength(3)
  expect(await readdir(join(folder, 'runs'))).toEqual(['r3'])
})

test('a plan tells what would be taken; forced, or forked from the step, it is done anew, and others may take that', async () => {
  const first = speech()
  await first.run('hello', {}, 'r1')
  const { run, runner, said, journal } = speech()
  await run('other', {}, 'r2')
  expect(await runner.plan('r2', { set: { text: 'hello' } })).toMatchObject({ steps: [{ action: 'reuse' }] })
  expect(await runner.fork('r2', { set: { text: 'hello' } })).toMatchObject({ output: { text: 'hello' } })
  expect(said).toEqual(['other'])
  expect(await runner.plan('r1', { from: 'say' })).toMatchObject({ steps: [{ action: 'run' }] })
  await runner.fork('r1', { from: 'say', runId: 'f1' })
  await runner.resume('r2', { force: ['say'] })
  expect(said).toEqual(['other', 'hello', 'other'])
  await journal.delete('r1')
  await run('hello', {}, 'r4')
  expect(await journal.steps('r4')).toMatchObject([{ takenFrom: 'f1' }])
})

test('what of a cache is torn, or leads nowhere, is not there', async () => {
  const { run, said } = speech()
  await run('hello', {}, 'r1')
  const [entry] = await readdir(join(folder, 'runs/r1/cached'))
  await writeFile(join(folder, 'runs/r1/cached', entry!), '{"at":1,"med')
  await run('hello', {}, 'r2')
  expect(said).toHaveLength(2)
  await writeFile(join(folder, 'cache', entry!.slice(0, 2), entry!), '{"runId":"../../elsewhere"}')
  await run('hello', {}, 'r3')
  expect(said).toHaveLength(3)
  await run('hello', {}, 'r4')
  expect(said).toHaveLength(3)
})
