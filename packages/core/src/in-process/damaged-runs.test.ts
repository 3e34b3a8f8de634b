import { mkdir, mkdtemp, open, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { defineRegistry, defineTask } from '@track-orchestrator/registry'
import { afterAll, beforeAll, beforeEach, expect, test, vi } from 'vitest'
import { z } from 'zod'
import { forRegistry } from '../index.ts'
import { createJournal, createRunner, deleteRun, deleteTenant, type DamagedRun, type Journal, type RunKeeper } from './index.ts'

// Runs whose journal was changed, or broke off, in its first line: the one that tells whose run it is.

const registry = defineRegistry({ greet: defineTask({ name: 'greet', input: z.object({}), output: z.object({}) }) })
const track = forRegistry(registry).defineTrack({ name: 'Greeting', tasks: [{ taskName: 'greet' }] })

let root: string
beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'damaged-runs-'))
})
afterAll(() => rm(root, { recursive: true, force: true }))

let folder: string
let journal: Journal
beforeEach(async () => {
  folder = await mkdtemp(join(root, 'journal-'))
  journal = createJournal({ folder })
  for (const [runId, tenantId] of [['whole', 'acme'], ['hurt', 'acme'], ['other', 'acme2'], ['lost', 'acme']] as const) await createRunner({ registry, journal, handlers: { greet: () => ({}) } }).runTrack(track, { tenantId, projectId: 'p' }, { runId })
})
const fileOf = (runId: string) => join(folder, 'runs', runId, 'journal.jsonl')
/** Writes other bytes over the first line, and keeps those lines behind it that `keeps` wants. */
async function hurt(runId: string, keeps: (line: string) => boolean) {
  const [, ...rest] = (await readFile(fileOf(runId), 'utf8')).split('\n')
  await writeFile(fileOf(runId), ['\u0000\u0000not a record', ...rest.filter((line) => line === '' || keeps(line))].join('\n'))
}
const withoutEvents = (line: string) => !line.includes('"type":"event"')
async function listed(filter?: Parameters<Journal['list']>[0]) {
  const damaged: DamagedRun[] = []
  const runs = await journal.list(filter, { onDamaged: (run) => damaged.push(run) })
  return { runs: runs.map(({ runId }) => runId).toSorted(), damaged: damaged.toSorted((a, b) => a.runId.localeCompare(b.runId)).map(({ runId, tenantId }) => [runId, tenantId]) }
}

test('a run whose first line is damaged is there and says so, with what is left of it, whether lines follow or not', async () => {
  await hurt('hurt', () => true)
  await expect(journal.read('hurt')).rejects.toMatchObject({ code: 'journal/damaged', message: expect.stringMatching(/^Line 1 of .* and \d+ whole lines follow: .*No line before it tells/) as string })
  await hurt('lost', () => false)
  await expect(journal.read('lost')).rejects.toMatchObject({ code: 'journal/damaged', message: expect.stringMatching(/^Line 1 of .*changed after it was written/) as string })
})

test('lists tell of damaged runs beside those that they can read, and whose they are where a whole line tells it, or the head beside it', async () => {
  await hurt('hurt', () => true)
  await hurt('lost', withoutEvents)
  expect(await listed()).toEqual({ runs: ['other', 'whole'], damaged: [['hurt', 'acme'], ['lost', undefined]] })
  expect(await listed({ tenantId: 'acme2' })).toEqual({ runs: ['other'], damaged: [['lost', undefined]] })
  expect(await listed({ name: 'Other' })).toEqual({ runs: [], damaged: [['lost', undefined]] })
  await writeFile(join(folder, 'runs/lost/run.json'), JSON.stringify({ runId: 'lost', tenantId: 'acme', projectId: 'p', name: 'Greeting', bytes: 3 }))
  expect(await listed({ tenantId: 'acme2' })).toEqual({ runs: ['other'], damaged: [] })
})

test('a run whose process ended while it wrote the first line is told too, and can be begun again; a folder with nothing in it is no run', async () => {
  const [first] = (await readFile(fileOf('lost'), 'utf8')).split('\n')
  await writeFile(fileOf('lost'), first!.slice(0, 40))
  await mkdir(join(folder, 'runs/empty'))
  expect(await listed()).toMatchObject({ damaged: [['lost', undefined]] })
  await createRunner({ registry, journal, handlers: { greet: () => ({}) } }).runTrack(track, { tenantId: 'acme', projectId: 'p' }, { runId: 'lost' })
  expect(await listed()).toMatchObject({ damaged: [] })
})

test('deleting a tenant deletes its damaged runs as well, and says which could not be looked into', async () => {
  await hurt('hurt', () => true)
  await hurt('lost', withoutEvents)
  const told: (readonly string[])[] = []
  const files: RunKeeper = { deleteRun: async () => ({}), deleteTenant: async (_tenantId, { runIds }) => (told.push(runIds.toSorted()), { files: runIds.length }) }
  expect(await deleteTenant(journal, 'acme', { keepers: { files } })).toMatchObject([{ place: 'files' }, { place: 'journal', became: 'deleted', counts: { runs: 2 }, unread: [{ runId: 'lost', error: { code: 'journal/damaged' } }] }])
  expect([told, await listed()]).toEqual([[['hurt', 'whole']], { runs: ['other'], damaged: [['lost', undefined]] }])
  await expect(journal.deleteTenant('acme2')).rejects.toMatchObject({ code: 'journal/damaged', message: expect.stringMatching(/^The runs of acme2 .* lost: damaged, and nothing tells whose it is/) as string })
  expect(await listed()).toEqual({ runs: [], damaged: [['lost', undefined]] })
})

test('a damaged run can be deleted by its id: in the journal always, elsewhere where it is known whose it is', async () => {
  await hurt('hurt', () => true)
  await hurt('lost', withoutEvents)
  const asked: unknown[] = []
  const files: RunKeeper = { deleteRun: async (run) => (asked.push(run), { files: 1 }), deleteTenant: async () => ({}) }
  expect(await deleteRun(journal, 'hurt', { keepers: { files } })).toMatchObject([{ place: 'files', became: 'deleted' }, { place: 'journal', became: 'deleted' }])
  expect(asked).toEqual([{ tenantId: 'acme', projectId: 'p', runId: 'hurt' }])
  expect(await deleteRun(journal, 'lost', { keepers: { files } })).toMatchObject([{ place: 'files', became: 'failed', error: { code: 'journal/damaged', message: expect.stringContaining('does not tell whose it is') as string } }, { place: 'journal', became: 'kept' }])
  await journal.delete('lost')
  expect(await listed()).toEqual({ runs: ['other', 'whole'], damaged: [] })
})

test('going on with all of a tenant tells of damaged runs that they are not gone on with', async () => {
  await hurt('hurt', () => true)
  await hurt('lost', withoutEvents)
  const runner = createRunner({ registry, journal, tracks: [track], handlers: { greet: () => ({}) } })
  const told = (await runner.resumeAll({ tenantId: 'acme' })).toSorted((a, b) => a.runId.localeCompare(b.runId))
  expect(told).toMatchObject([{ runId: 'hurt', name: 'Greeting', tenantId: 'acme', status: 'refused', error: { code: 'journal/damaged' } }, { runId: 'lost', name: '', tenantId: '', status: 'refused', error: { code: 'journal/damaged' } }])
})

test('having all of a tenant cancelled stops a damaged run, too', async () => {
  let isBegun = false
  const greet = (_input: object, { signal }: { signal: AbortSignal }) => new Promise<never>((_resolve, reject) => ((isBegun = true), signal.addEventListener('abort', () => reject(signal.reason as Error))))
  const going = createRunner({ registry, journal, handlers: { greet } }).settleTrack(track, { tenantId: 'acme', projectId: 'p' }, { runId: 'going' })
  await vi.waitFor(() => expect(isBegun).toBe(true), { timeout: 120_000 })
  const file = await open(fileOf('going'), 'r+')
  await file.write('\u0000', 0)
  await file.close()
  expect(await journal.cancelAll({ tenantId: 'acme' })).toMatchObject([{ runId: 'going', tenantId: 'acme', became: 'not_cancelled', error: { code: 'journal/damaged' } }])
  expect(await going).toMatchObject({ status: 'cancelled' })
})

test('what a damaged run has paid counts for its tenant, as far as it is still told', async () => {
  const paying = { registry, journal, handlers: { greet: (_input: object, { cost }: { cost: (cost: { amount: number; unit: string }) => void }) => (cost({ amount: 3, unit: 'USD' }), {}) } }
  await createRunner(paying).runTrack(track, { tenantId: 'acme', projectId: 'p' }, { runId: 'paid' })
  await hurt('paid', () => true)
  const told: string[] = []
  expect(await journal.costs({ tenantId: 'acme' }, { onDamaged: ({ runId }) => told.push(runId) })).toEqual({ USD: 3 })
  expect(told).toEqual(['paid'])
  expect(await createRunner({ ...paying, limits: { tenantCost: { USD: 3 } } }).settleTrack(track, { tenantId: 'acme', projectId: 'p' })).toMatchObject({ status: 'failed', error: { code: 'cost/tenant_limit_reached' } })
})

test('what strangers lay into a run is no hindrance: folders where files are expected, and values that are none', async () => {
  const runner = createRunner({ registry, journal, tracks: [track], handlers: { greet: () => ({}) } })
  for (const name of ['lock.x', '.d', 'cancel.y', 'blobs/.z']) await mkdir(join(folder, 'runs/whole', name), { recursive: true })
  expect(await runner.resume('whole', { force: ['greet'] })).toMatchObject({ status: 'succeeded' })
  await journal.delete('whole')
  await rm(fileOf('hurt'))
  await mkdir(fileOf('hurt'))
  await expect(journal.readFrom('hurt')).rejects.toMatchObject({ code: 'journal/unreadable' })
  await rm(join(folder, 'runs/lost'), { recursive: true })
  await writeFile(join(folder, 'runs/lost'), '')
  await expect(journal.delete('lost')).rejects.toMatchObject({ code: 'journal/unreadable', message: expect.stringContaining('The run lost cannot be deleted (ENOTDIR)') as string })
})
