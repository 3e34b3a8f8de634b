import { mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { defineRegistry, defineTask, ProviderError } from '@track-orchestrator/registry'
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { z } from 'zod'
import { forRegistry } from '../index.ts'
import { createJournal, createRunner, deleteRun, deleteTenant, type Journal, type RunKeeper } from './index.ts'

const registry = defineRegistry({ greet: defineTask({ name: 'greet', input: z.object({}), output: z.object({}) }) })
const track = forRegistry(registry).defineTrack({ name: 'Greeting', tasks: [{ taskName: 'greet' }] })

let root: string
beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'delete-everywhere-'))
})
afterAll(() => rm(root, { recursive: true, force: true }))

let journal: Journal
let journalFolder: string
let held: Promise<void> | undefined
beforeEach(async () => {
  held = undefined
  journalFolder = await mkdtemp(join(root, 'journal-'))
  journal = createJournal({ folder: journalFolder })
  for (const [runId, tenantId, projectId] of [['a', 'acme', 'p'], ['ab', 'acme', 'p2'], ['b', 'acme2', 'p']] as const) await runner().runTrack(track, { tenantId, projectId }, { runId })
})
const runner = () => createRunner({ registry, journal, handlers: { greet: () => (held ? held.then(() => ({})) : {}) } })

/** A place that holds values by tenant and run, and tells in what order it was asked. */
function place(name: string, asked: string[], given: { runs?: Readonly<Record<string, string>>; fails?: () => boolean } = {}): RunKeeper & { readonly left: () => string[] } {
  const rows = new Map(Object.entries(given.runs ?? { a: 'acme', ab: 'acme', b: 'acme2' }))
  const drop = (isMeant: (runId: string) => boolean) => {
    asked.push(name)
    if (given.fails?.()) throw new ProviderError(`${name} is away: start it`, { provider: name, retryable: true })
    const meant = [...rows.keys()].filter(isMeant)
    for (const runId of meant) rows.delete(runId)
    return { rows: meant.length }
  }
  return {
    left: () => [...rows.keys()],
    deleteRun: async ({ tenantId, runId }) => drop((id) => id === runId && rows.get(id) === tenantId),
    deleteTenant: async (tenantId) => drop((id) => rows.get(id) === tenantId),
  }
}
const idsIn = async () => (await journal.list()).map(({ runId }) => runId).toSorted()

test('a run is deleted in every place, and then in the journal; asked for again, there is none', async () => {
  const asked: string[] = []
  const [files, rows] = [place('files', asked), place('rows', asked)]
  expect(await deleteRun(journal, 'a', { keepers: { files, rows } })).toEqual([
    { place: 'files', became: 'deleted', counts: { rows: 1 } },
    { place: 'rows', became: 'deleted', counts: { rows: 1 } },
    { place: 'journal', became: 'deleted', counts: { runs: 1 } },
  ])
  expect([files.left(), rows.left(), await idsIn(), asked]).toEqual([['ab', 'b'], ['ab', 'b'], ['ab', 'b'], ['files', 'rows']])
  await expect(deleteRun(journal, 'a', { keepers: { files } })).rejects.toMatchObject({ code: 'journal/unknown_run' })
  expect(asked).toHaveLength(2)
})

test('a tenant is deleted in every place, told which runs are known elsewhere, and no other tenant is', async () => {
  const asked: string[] = []
  const told: string[][] = []
  const files: RunKeeper = { deleteRun: async () => ({}), deleteTenant: async (_tenantId, { runIds }) => (told.push([...runIds]), asked.push('files'), { files: 2 }) }
  const rows = { ...place('rows', asked), runsOf: async () => ['elsewhere', 'a'] }
  expect(await deleteTenant(journal, 'acme', { keepers: { rows, files } })).toMatchObject([{ place: 'files', counts: { files: 2 } }, { place: 'rows', counts: { rows: 2 } }, { place: 'journal', counts: { runs: 2 } }])
  expect([told[0]!.toSorted(), asked, rows.left(), await idsIn()]).toEqual([['a', 'ab', 'elsewhere'], ['files', 'rows'], ['b'], ['b']])
  expect(await deleteTenant(journal, 'acme', { keepers: { rows, files } })).toMatchObject([{}, { counts: { rows: 0 } }, { counts: { runs: 0 } }])
})

test('where a place fails, the others are done, but those that know which runs there are, and the journal, are left to be asked again', async () => {
  let isAway = true
  const asked: string[] = []
  const keepers = { knowing: { ...place('knowing', asked), runsOf: async () => [] }, away: place('away', asked, { fails: () => isAway }), files: place('files', asked) }
  for (const work of [() => deleteRun(journal, 'a', { keepers }), () => deleteTenant(journal, 'acme', { keepers })]) {
    expect(await work()).toMatchObject([{ place: 'away', became: 'failed', error: { message: 'away is away: start it' } }, { place: 'files', became: 'deleted' }, { place: 'knowing', became: 'kept' }, { place: 'journal', became: 'kept' }])
  }
  expect([await idsIn(), keepers.knowing.left(), keepers.files.left()]).toEqual([['a', 'ab', 'b'], ['a', 'ab', 'b'], ['b']])
  isAway = false
  expect(await deleteTenant(journal, 'acme', { keepers })).toMatchObject([{ counts: { rows: 2 } }, { counts: { rows: 0 } }, { place: 'knowing', counts: { rows: 2 } }, { place: 'journal', counts: { runs: 2 } }])
  expect(await idsIn()).toEqual(['b'])
})

test('a place that cannot say which runs it knows has failed, and is asked no more', async () => {
  const asked: string[] = []
  const rows = { ...place('rows', asked), runsOf: () => Promise.reject(new Error('no answer')) }
  expect(await deleteTenant(journal, 'acme', { keepers: { rows, files: place('files', asked) } })).toMatchObject([{ place: 'rows', became: 'failed' }, { place: 'files', became: 'deleted' }, { place: 'journal', became: 'kept' }])
  expect(asked).toEqual(['files'])
})

test('nothing is deleted anywhere while a run of it is being written, and a run cannot be gone on with while it is deleted', async () => {
  const asked: string[] = []
  let end!: () => void
  held = new Promise((resolve) => (end = resolve))
  const running = runner().runTrack(track, { tenantId: 'acme', projectId: 'p' }, { runId: 'now' })
  await expect.poll(() => journal.isRunning('now').catch(() => false)).toBe(true)
  const keepers = { files: place('files', asked) }
  await expect(deleteRun(journal, 'now', { keepers })).rejects.toMatchObject({ code: 'journal/locked' })
  await expect(deleteTenant(journal, 'acme', { keepers })).rejects.toMatchObject({ code: 'journal/locked', message: expect.stringContaining('now') as string })
  expect([asked, await idsIn()]).toEqual([[], ['a', 'ab', 'b', 'now']])
  end()
  await running
  held = undefined
  const files: RunKeeper = { deleteRun: () => expect(journal.reopen('a')).rejects.toMatchObject({ code: 'journal/locked' }).then(() => ({})), deleteTenant: async () => ({}) }
  expect(await deleteRun(journal, 'a', { keepers: { files } })).toMatchObject([{ became: 'deleted' }, { became: 'deleted' }])
})

test('what a deletion left in the journal that was killed in the midst goes with the next one, whichever that is', async () => {
  const folder = await mkdtemp(join(root, 'killed-'))
  const left = join(folder, 'runs/.deleted-0')
  const other = createJournal({ folder })
  for (const next of [() => other.delete('none').catch(() => undefined), () => deleteTenant(other, 'acme', { keepers: {} })]) {
    await mkdir(join(left, 'blobs'), { recursive: true })
    await writeFile(join(left, 'blobs/value'), 'a value')
    await next()
    expect(await readdir(join(folder, 'runs'))).toEqual([])
  }
})

test('one that is stopped leaves the journal as it is', async () => {
  const stop = new AbortController()
  const files: RunKeeper = { deleteRun: async () => (stop.abort(), { files: 1 }), deleteTenant: async () => ({}) }
  await expect(deleteRun(journal, 'a', { keepers: { files }, signal: stop.signal })).rejects.toThrow()
  expect(await idsIn()).toContain('a')
  expect(await deleteRun(journal, 'a', { keepers: {} })).toEqual([{ place: 'journal', became: 'deleted', counts: { runs: 1 } }])
  await expect(deleteTenant(journal, '', { keepers: {} })).rejects.toMatchObject({ name: 'DefinitionError' })
  await expect(deleteRun(journal, 'ab', { keepers: { files: {} as never } })).rejects.toMatchObject({ name: 'DefinitionError' })
})

test('a run that is deleted while others ask for it is gone for all of them', async () => {
  let others: PromiseSettledResult<unknown>[] = []
  const files: RunKeeper = { deleteTenant: async () => ({}), deleteRun: async () => ({ files: 1 }) }
  const asked = Array.from({ length: 3 }, () => deleteRun(journal, 'a', { keepers: { files } }))
  others = await Promise.allSettled([...asked, journal.reopen('a').then((opened) => opened.close())])
  for (const one of others) expect(one.status === 'fulfilled' || ['journal/unknown_run', 'journal/locked'].includes((one.reason as { code: string }).code), String((one as { reason?: unknown }).reason)).toBe(true)
  await deleteRun(journal, 'a', { keepers: {} }).catch(() => undefined)
  expect(await idsIn()).toEqual(['ab', 'b'])
  expect(await readdir(join(journalFolder, 'runs'))).toEqual(['ab', 'b'])
})

test.each([undefined, null, 'many', { files: Number.NaN, rows: 2, said: 'x' }])('what a place tells is left out where it is no number: %j', async (told) => {
  const files = { deleteRun: async () => told, deleteTenant: async () => told } as unknown as RunKeeper
  const [deleted] = await deleteRun(journal, 'a', { keepers: { files } })
  expect(deleted).toEqual({ place: 'files', became: 'deleted', counts: typeof told === 'object' && told ? { rows: 2 } : {} })
})

test('a place that gives no list of runs has failed, by name; none may be called journal, and there must be one', async () => {
  const rows = { ...place('rows', []), runsOf: async () => undefined } as unknown as RunKeeper
  expect(await deleteTenant(journal, 'acme', { keepers: { rows } })).toMatchObject([{ place: 'rows', became: 'failed', error: { message: expect.stringContaining('rows: what runsOf gives must be a list') as string } }, { became: 'kept' }])
  await expect(deleteRun(journal, 'a', { keepers: { journal: place('journal', []) } })).rejects.toThrow('keepers.journal: the journal is deleted by itself')
  await expect(deleteRun(undefined as never, 'a', { keepers: {} })).rejects.toThrow('deleteRun: the journal must be an object with delete(), deleteTenant(), as createJournal({ folder }) gives')
})
