import { execFile } from 'node:child_process'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { createClient } from '@supabase/supabase-js'
import { forRegistry, type RunEvent } from '@track-orchestrator/core'
import { createJournal, createRunner, deleteRun, deleteTenant } from '@track-orchestrator/core/in-process'
import { createFileKeeper, createFileStorage, storageKey, type Storage } from '@track-orchestrator/media-tasks'
import { createR2Storage } from '@track-orchestrator/media-tasks/r2'
import { startR2Local } from '@track-orchestrator/r2-local'
import { defineRegistry, defineTask } from '@track-orchestrator/registry'
import { startSupabaseLocal, type SupabaseLocal } from '@track-orchestrator/supabase-local'
import { createHistoryKeeper, createSupabaseLog, migrationSql } from '@track-orchestrator/supabase-logger'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { WebSocket } from 'ws'
import { z } from 'zod'

const at = (path: string) => fileURLToPath(new URL(path, import.meta.url))
const registry = defineRegistry({ note: defineTask({ name: 'note', input: z.object({ text: z.string() }), output: z.object({ url: z.string() }) }) })
const track = forRegistry(registry).defineTrack({ name: 'Noting', enableSupabaseLogging: true, tasks: [{ taskName: 'note' }] })

let folder: string
let project: SupabaseLocal
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'deleted-everywhere-'))
  project = await startSupabaseLocal({ migrations: [migrationSql()] })
})
afterAll(async () => {
  await project?.stop()
  await rm(folder, { recursive: true, force: true })
})

const runs = [['r1', 'acme', 'p'], ['r10', 'acme', 'p'], ['r2', 'acme', 'p2'], ['r3', 'acme2', 'p']] as const

/** Runs of two tenants and two projects, with a file and rows each. */
async function begin(name: string, storage: Storage) {
  const journal = createJournal({ folder: join(folder, name) })
  const log = createSupabaseLog({ url: project.url, key: project.serviceRoleKey, spoolFolder: join(folder, name, 'spool') })
  const events: RunEvent[] = []
  const runner = createRunner({
    registry,
    journal,
    logs: [log, { write: (event) => void events.push(event), flush: () => Promise.resolve() }],
    handlers: {
      note: async ({ text }, context) => {
        const path = join(folder, `${name}-${context.run.id}`)
        await writeFile(path, text)
        return { url: (await storage.put(storageKey(context, 'note.txt'), path, { contentType: 'text/plain' })).url }
      },
    },
  })
  for (const [runId, tenantId, projectId] of runs) await runner.runTrack(track, { tenantId, projectId, text: runId }, { runId: `${name}-${runId}` })
  await log.close(100_000)
  const client = createClient(project.url, project.serviceRoleKey, { auth: { persistSession: false }, realtime: { transport: WebSocket as never } })
  return {
    journal,
    events,
    keepers: { history: createHistoryKeeper(client), files: createFileKeeper(storage) },
    /** Which runs are known where. */
    left: async () => {
      const files: string[] = []
      for await (const { key } of storage.list('')) files.push(key.split('/')[5]!)
      const rows = async (table: string) => (await project.sql(`select distinct run_id from ${table} where run_id like $1`, [`${name}-%`])).map((row) => String(row['run_id']))
      const found = { journal: (await journal.list()).map(({ runId }) => runId), files, runs: await rows('track_runs'), events: await rows('track_run_events') }
      return Object.fromEntries(Object.entries(found).map(([place, ids]) => [place, ids.map((id) => id.slice(name.length + 1)).toSorted()]))
    },
  }
}
const everywhere = (...ids: string[]) => ({ journal: ids, files: ids, runs: ids, events: ids })

test('a run is gone from the journal, from R2 and from Supabase, with what a worker still had, and nobody else is; while R2 is away a tenant is told as left', async () => {
  const r2 = await startR2Local()
  const storage = createR2Storage(r2)
  try {
    const { journal, keepers, events, left } = await begin('call', storage)
    expect(await left()).toEqual(everywhere('r1', 'r10', 'r2', 'r3'))
    expect(await deleteRun(journal, 'call-r1', { keepers })).toMatchObject([{ place: 'files', counts: { files: 1 } }, { place: 'history', counts: { runs: 1 } }, { place: 'journal', counts: { runs: 1 } }])
    expect(await left()).toEqual(everywhere('r10', 'r2', 'r3'))

    const late = createSupabaseLog({ url: project.url, key: project.serviceRoleKey, spoolFolder: join(folder, 'late') })
    for (const event of events.filter(({ runId }) => runId === 'call-r1')) late.write(event)
    await late.close(100_000)
    expect(late.counts()).toMatchObject({ waiting: 0 })
    expect(await left()).toEqual(everywhere('r10', 'r2', 'r3'))

    await r2.stop()
    expect(await deleteTenant(journal, 'acme', { keepers })).toMatchObject([{ place: 'files', became: 'failed', error: { name: 'ProviderError' } }, { place: 'history', became: 'kept' }, { place: 'journal', became: 'kept' }])
    expect((await journal.list()).map(({ runId }) => runId).toSorted()).toEqual(['call-r10', 'call-r2', 'call-r3'])
  } finally {
    storage.close()
    await r2.stop()
  }
})

test('tracks delete of this worker does so with its storage and its history, and is asked again after an outage', { timeout: 240_000 }, async () => {
  const { keepers, left } = await begin('command', createFileStorage({ root: join(folder, 'command/storage') }))
  expect(Object.keys(keepers)).toHaveLength(2)
  const env = { ...process.env, INIT_CWD: folder, TRACKS_FOLDER: join(folder, 'command'), SUPABASE_URL: project.url, SUPABASE_SERVICE_ROLE_KEY: project.serviceRoleKey, NO_COLOR: '1', COLUMNS: '120' }
  const tracks = async (...args: string[]) => {
    const command = ['--conditions=@track-orchestrator/source', '--import', createRequire(import.meta.url).resolve('tsx'), at('../../../packages/cli/src/main.ts'), ...args, '--config', at('../tracks.config.ts')]
    return (await promisify(execFile)(process.execPath, command, { cwd: folder, env }).then((said) => ({ ...said, code: 0 }), (error: unknown) => error)) as { stdout: string; stderr: string; code: number }
  }
  expect(await tracks('delete', '--tenant', 'acme', '--plan')).toMatchObject({ code: 0, stdout: 'Would delete all of acme (3 runs in the journal) in files, history and the journal.\n' })
  await project.stopDatabase()
  const failed = await tracks('delete', 'command-r1', '--yes')
  expect(failed).toMatchObject({ code: 1, stdout: expect.stringMatching(/^files: files 1 deleted\nhistory: failed: [^]*\njournal: left as it is[^]*tracks delete command-r1 --config \S+tracks\.config\.ts\n$/) as string })
  await project.startDatabase()
  expect(await left()).toEqual({ ...everywhere('r1', 'r10', 'r2', 'r3'), files: ['r10', 'r2', 'r3'] })
  expect(await tracks('delete', 'command-r1', '--yes')).toMatchObject({ code: 0, stdout: expect.stringMatching(/^files: files 0 deleted\nhistory: .*runs 1 deleted\njournal: runs 1 deleted\nRun command-r1 is deleted\.\n$/) as string })
  expect(await left()).toEqual(everywhere('r10', 'r2', 'r3'))
  expect(await tracks('delete', '--tenant', 'acme', '--yes')).toMatchObject({ code: 0, stdout: expect.stringContaining('2 runs are deleted.\n') as string })
  expect(await left()).toEqual(everywhere('r3'))
})
