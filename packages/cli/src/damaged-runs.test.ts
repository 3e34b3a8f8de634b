import { readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { inPipe } from './testing/in-pipe.ts'
import { ownFolder } from './testing/own-folder.ts'

// The command with a run whose journal was changed in its first line.

const folder = ownFolder('damaged')
const tracks = (...args: string[]) => inPipe(folder.path(), args)
const runs = () => join(folder.path(), '.tracks/runs')

/** Two runs of a tenant; of `hurt`, nothing tells whose it is. */
beforeEach(async () => {
  for (const runId of ['whole', 'hurt']) await tracks('run', 'Words', 'text=a', '--run-id', runId, '--tenant', 'acme')
  const path = join(runs(), 'hurt/journal.jsonl')
  const [, ...rest] = (await readFile(path, 'utf8')).split('\n')
  await writeFile(path, ['not a record', ...rest.filter((line) => !line.includes('"type":"event"'))].join('\n'))
  await rm(join(runs(), 'hurt/run.json'), { force: true })
})
afterEach(() => rm(runs(), { recursive: true }))

test('tracks runs lists a damaged run as damaged, and how to see what is', async () => {
  const { out } = await tracks('runs')
  expect(out).toMatch(/^hurt .*damaged/m)
  expect(out).toMatch(/^whole .*succeeded/m)
  expect(out).toContain('What is damaged, and what to do:  tracks show hurt')
  expect((await tracks('runs', '--status', 'damaged', '--json')).json()).toMatchObject([{ runId: 'hurt', status: 'damaged', error: { code: 'journal/damaged' } }])
  expect((await tracks('runs', '--status', 'succeeded', '--json')).json()).toMatchObject([{ runId: 'whole' }])
  expect((await tracks('check')).out.replaceAll(/\s+/g, ' ')).toContain('1 run; damaged: hurt')
  expect(await tracks('runs', '--supabase', '--tenant', 'acme', '--status', 'damaged')).not.toMatchObject({ exitCode: 0 })
})

test.each(['show', 'resume', 'why', 'export'])('tracks %s says of a damaged run that it is there, what is damaged and what to do, by its id and by its beginning', async (verb) => {
  for (const said of ['hurt', 'hur']) {
    const { exitCode, err } = await tracks(verb, said)
    expect(exitCode).toBe(4)
    expect(err).toMatch(/^Line 1 of .*hurt\/journal\.jsonl .*Restore it from a copy, start the run anew, or delete it\.\n$/)
  }
})

test('tracks delete --tenant says which damaged runs it could not look into, and each can be deleted by its id', async () => {
  const left = /The journal of a run is damaged and does not tell whose it is, so it\s+is left:\n {2}hurt {2}tracks delete hurt\n/
  expect(await tracks('delete', '--tenant', 'acme', '--plan')).toMatchObject({ exitCode: 0, out: expect.stringMatching(left) as string })
  expect(await tracks('delete', '--tenant', 'acme', '--yes')).toMatchObject({ exitCode: 1, out: expect.stringMatching(new RegExp(`^1 run is deleted\\.\\n${left.source}`)) as string })
  expect((await tracks('delete', '--tenant', 'acme', '--yes', '--json')).json()).toMatchObject({ deleted: [], places: [{ place: 'journal', unread: [{ runId: 'hurt', error: { code: 'journal/damaged' } }] }] })
  expect(await tracks('delete', 'hurt', '--yes')).toMatchObject({ exitCode: 0, out: 'Run hurt is deleted.\n' })
  expect(await tracks('runs')).toMatchObject({ out: 'No runs.\n' })
})

test.each([[[]], [['--plan']]])('tracks resume of all of a tenant says which damaged runs are not gone on with %j', async (more) => {
  const { exitCode, out } = await tracks('resume', '--tenant', 'acme', ...more)
  expect(exitCode).toBe(4)
  expect(out.replaceAll(/\s+/g, ' ')).toMatch(/^Run hurt is not gone on with: Line 1 of .* Restore it from a copy, start the run anew, or delete it\. $/)
})
