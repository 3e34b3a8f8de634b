import { appendFile, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { defineRegistry, defineTask } from '@track-orchestrator/registry'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { z } from 'zod'
import { createRunner } from '../in-process/create-runner.ts'
import { outlineOf } from '../run/outline.ts'
import { createJournal } from './journal.ts'

const registry = defineRegistry({ echo: defineTask({ name: 'echo', input: z.looseObject({}), output: z.looseObject({}) }) })
const track = { name: 'Two', tasks: [{ taskName: 'echo', id: 'a' }, { taskName: 'echo', id: 'b', when: () => true, forEach: () => [{}, {}] }] }

let folder: string
beforeAll(async () => void (folder = await mkdtemp(join(tmpdir(), 'read-from-'))))
afterAll(() => rm(folder, { recursive: true, force: true }))

async function written(name: string, text = 'x') {
  const journal = createJournal({ folder: join(folder, name) })
  const runner = createRunner({ registry, journal, tracks: [track], handlers: { echo: (input) => input }, defaults: { tenantId: 't', projectId: 'p' } })
  const begin = (more = text) => runner.settleTrack(track, { text: more }, { runId: 'run' })
  await begin()
  return { journal, runner, begin, file: join(folder, name, 'runs/run/journal.jsonl') }
}

test('a journal is read on from a place: what was written since, and nothing twice', async () => {
  const { journal, runner } = await written('on')
  const { records } = await journal.read('run')
  const first = await journal.readFrom('run')
  expect(first.records).toEqual(records)
  expect((await journal.readFrom('run', first.place)).records).toEqual([])
  await runner.resume('run', { force: ['a'] })
  const later = await journal.readFrom('run', first.place)
  expect(later.records[0]).toMatchObject({ type: 'run.resumed', n: records.length + 1 })
  expect([...first.records, ...later.records]).toEqual((await journal.read('run')).records)
})

test('a line that is being written is not there yet, and is read when it is whole', async () => {
  const { journal, file } = await written('torn')
  const { place } = await journal.readFrom('run')
  await appendFile(file, '{"n":')
  expect(await journal.readFrom('run', place)).toEqual({ records: [], place })
})

test('a place in a run that was deleted, or begun anew, is refused', async () => {
  const { journal, begin } = await written('anew')
  const { place } = await journal.readFrom('run')
  await journal.delete('run')
  await expect(journal.readFrom('run', place)).rejects.toMatchObject({ code: 'journal/unknown_run' })
  await begin('longer than before, so that the place lies inside')
  await expect(journal.readFrom('run', place)).rejects.toMatchObject({ code: 'journal/unknown_run', message: expect.stringContaining('from the beginning') as string })
})

test('values of records are given, those beside the journal too', async () => {
  const { journal } = await written('values', 'x'.repeat(50_000))
  const { records } = await journal.readFrom('run')
  const started = records.find(({ type }) => type === 'call.started')!
  expect(started['input']).toBeUndefined()
  expect(await journal.valueOf('run', started, 'input')).toMatchObject({ text: 'x'.repeat(50_000) })
})

test('an outline says of what a definition is made, by the paths of its runs', async () => {
  const { journal } = await written('outline')
  const outline = outlineOf(track, registry)
  expect(outline).toEqual({
    kind: 'track',
    path: 'Two',
    name: 'Two',
    steps: [
      { kind: 'step', path: 'Two/a', step: 'a', taskName: 'echo' },
      { kind: 'step', path: 'Two/b', step: 'b', taskName: 'echo', repeats: true, conditional: true },
    ],
  })
  expect((await journal.steps('run')).map(({ path }) => path)).toEqual(['Two/a', 'Two/b[0]', 'Two/b[1]'])
  const both = outlineOf({ name: 'Both', tracks: [track, { name: 'After', tasks: [{ taskName: track.name, track }] }], trackDependencies: { After: ['Two'] }, finalTask: { taskName: 'echo' } }, registry)
  expect(both).toMatchObject({ dependencies: { Two: [], After: ['Two'] }, tracks: [{ path: 'Both/Two' }, { steps: [{ kind: 'track', path: 'Both/After/Two', steps: [{ path: 'Both/After/Two/a' }, {}] }] }], finalStep: { path: 'Both/final:echo' } })
})
