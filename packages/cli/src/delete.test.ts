import { mkdir, readdir, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { inPipe } from './testing/in-pipe.ts'
import { ownFolder } from './testing/own-folder.ts'

// tracks delete, on a journal of its own, and with a folder beside it that holds something of each run.

const folder = ownFolder('delete')
const tracks = (...args: string[]) => inPipe(folder.path(), args)

/** A configuration with a place beside the journal: a folder of tenants, each with a file for each run; a file that is in its way makes it fail. */
async function withKeeper() {
  const kept = join(folder.path(), 'kept')
  const config = join(folder.path(), 'kept.config.mjs')
  await writeFile(config, `import { existsSync, readdirSync, rmSync } from 'node:fs'
import base from ${JSON.stringify(new URL('testing/tracks.config.ts', import.meta.url).href)}
const kept = ${JSON.stringify(kept)}
const drop = (tenantId, isMeant) => {
  if (existsSync(kept + '/away')) throw new Error('the folder is away: bring it back')
  const found = existsSync(kept + '/' + tenantId) ? readdirSync(kept + '/' + tenantId).filter(isMeant) : []
  for (const name of found) rmSync(kept + '/' + tenantId + '/' + name)
  return { files: found.length }
}
export default { ...base, keepers: () => ({ files: { deleteRun: async ({ tenantId, runId }) => drop(tenantId, (name) => name === runId), deleteTenant: async (tenantId) => drop(tenantId, () => true) } }) }`)
  return {
    run: async (runId: string, tenantId: string) => {
      await tracks('run', 'Words', 'text=a', '--run-id', runId, '--tenant', tenantId, '--config', config)
      await mkdir(join(kept, tenantId), { recursive: true })
      await writeFile(join(kept, tenantId, runId), 'something')
    },
    delete: (...args: string[]) => tracks('delete', ...args, '--config', config),
    left: async () => (await readdir(kept, { recursive: true })).filter((name) => name.includes('/')).toSorted(),
    away: () => writeFile(join(kept, 'away'), ''),
    back: () => rm(join(kept, 'away')),
    listed: async () => ((await tracks('runs', '--json', '--config', config)).json() as { runId: string }[]).map(({ runId }) => runId).toSorted(),
  }
}

test('tracks delete deletes a run, or all of a tenant, and asks for --yes where nobody can be asked', async () => {
  await tracks('run', 'Words', 'text=a', '--run-id', 'gone')
  await tracks('run', 'Words', 'text=a', '--run-id', 'gone2', '--tenant', 'other')
  expect(await tracks('delete', 'gone')).toMatchObject({ exitCode: 2, err: 'Deleting cannot be undone: say --yes.\n' })
  expect(await tracks('delete', 'gon', '--yes')).toMatchObject({ exitCode: 4 }) // two runs begin like that
  expect(await tracks('delete', '--tenant', 'other', '--yes')).toMatchObject({ exitCode: 0, out: '1 run is deleted.\n' })
  expect(await tracks('delete', 'gone', '--yes')).toMatchObject({ exitCode: 0 })
  expect(await readdir(join(folder.path(), '.tracks/runs'))).not.toContain('gone')
})

test('tracks delete deletes a run in the places of the configuration as well, and tells how much that was', async () => {
  const place = await withKeeper()
  for (const [runId, tenant] of [['k1', 'acme'], ['k10', 'acme'], ['k2', 'acme2']] as const) await place.run(runId, tenant)
  expect(await place.delete('k10', '--plan')).toMatchObject({ exitCode: 0, out: 'Would delete run k10 in files and the journal.\n' })
  expect(await place.left()).toEqual(['acme/k1', 'acme/k10', 'acme2/k2'])
  expect(await place.delete('k1', '--yes')).toMatchObject({ exitCode: 0, out: 'files: files 1 deleted\njournal: runs 1 deleted\nRun k1 is deleted.\n' })
  expect([await place.left(), await place.listed()]).toEqual([['acme/k10', 'acme2/k2'], ['k10', 'k2']])
  expect((await place.delete('--tenant', 'acme', '--yes', '--json')).json()).toEqual({ deleted: ['k10'], places: [{ place: 'files', became: 'deleted', counts: { files: 1 } }, { place: 'journal', became: 'deleted', counts: { runs: 1 } }] })
  expect([await place.left(), await place.listed()]).toEqual([['acme2/k2'], ['k2']])
  expect(await place.delete('--tenant', 'acme', '--yes')).toMatchObject({ exitCode: 0, out: expect.stringContaining('files: files 0 deleted\n') as string })
  expect(await place.delete('k1', '--yes')).toMatchObject({ exitCode: 4 })
})

test('where a place fails, tracks delete says so, keeps the run listed, and is asked again', async () => {
  const place = await withKeeper()
  await place.run('m1', 'm$(id)')
  await place.away()
  for (const [asked, again] of [[['m1'], 'm1'], [['--tenant', 'm$(id)'], String.raw`--tenant 'm\$\(id\)'`]] as const) {
    const { exitCode, out } = await place.delete(...asked, '--yes')
    expect(exitCode).toBe(1)
    expect(out).toContain('files: failed: the folder is away: bring it back\njournal: left as it is, so that this can be asked for again\n')
    expect(out).toMatch(new RegExp(`When that is mended:\\s+tracks delete ${again} --config `))
  }
  expect((await place.delete('m1', '--yes', '--json')).json()).toMatchObject({ deleted: [], places: [{ place: 'files', became: 'failed', error: { message: 'the folder is away: bring it back' } }, { place: 'journal', became: 'kept' }] })
  await place.back()
  expect(await place.listed()).toContain('m1')
  expect(await place.delete('m1', '--yes')).toMatchObject({ exitCode: 0 })
})

test('tracks delete says which forks take over from what is deleted, and where else it cannot delete', async () => {
  await tracks('run', 'Twice', 'text=a', '--run-id', 'parent')
  await tracks('fork', 'parent', '--from', 'again', '--run-id', 'child')
  expect((await tracks('delete', 'parent', '--plan')).out).toContain('Forks that take over from it: child')
  expect((await tracks('delete', 'parent', '--plan', '--json')).json()).toEqual({ runIds: ['parent'], places: ['journal'], forks: ['child'] })
  expect((await tracks('delete', 'child', '--plan')).out).toBe('Would delete run child in the journal.\n')
  expect(await tracks('delete', 'parent', '--engine', 'trigger')).toMatchObject({ exitCode: 2, err: expect.stringContaining('by its retention') as string })
})
