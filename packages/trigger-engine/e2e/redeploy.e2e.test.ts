import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { startTriggerCli, startTriggerDevServer, type TriggerCli, type TriggerDevServer } from '@track-orchestrator/trigger-local'
import { configure } from '@trigger.dev/sdk'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { createClient } from '../src/client/index.ts'
import { linesOf } from './cli-session.ts'

// What becomes of a run that waits, while its worker is replaced by a newer version of the same definitions.

const folder = mkdtempSync(join(tmpdir(), 'redeployed-'))
const write = (file: string, text: string) => {
  mkdirSync(join(folder, file, '..'), { recursive: true })
  writeFileSync(join(folder, file), text)
}
/** A version of the worker: what its tasks write down tells which one did them. */
const writeVersion = (version: number) => write('src/version.ts', `export const version = ${version}\n`)

write('package.json', JSON.stringify({ name: 'redeployed', version: '1.0.0', private: true, type: 'module' }))
write('package-lock.json', JSON.stringify({ name: 'redeployed', version: '1.0.0', lockfileVersion: 3, packages: {} }))
write('trigger.config.ts', `import { defineConfig } from '@trigger.dev/sdk'

export default defineConfig({ project: 'proj_redeployed0000000000', runtime: 'node', dirs: ['./src/trigger'], maxDuration: 300, build: { conditions: ['@track-orchestrator/source'] } })
`)
write('src/trigger/flows.ts', `import { appendFileSync } from 'node:fs'
import { defineRegistry, defineTask } from '@track-orchestrator/registry'
import { createTriggerWorker } from '@track-orchestrator/trigger-engine'
import { z } from 'zod'
import { version } from '../version'

const noted = z.object({ journal: z.string(), what: z.string(), by: z.array(z.number()).default([]) })
export const { tasks } = createTriggerWorker({
  registry: defineRegistry({ note: defineTask({ name: 'note', input: noted, output: noted }) }),
  handlers: {
    note: (input) => {
      appendFileSync(input.journal, \`\${input.what} \${version}\\n\`)
      return { ...input, by: [...input.by, version] }
    },
  },
  tracks: [
    {
      name: 'Reviewed',
      tasks: [
        { taskName: 'note', id: 'before', inputMapper: (input) => ({ ...input, what: 'before' }) },
        { taskName: 'review', approve: 'review', schema: z.object({ ok: z.boolean() }), timeoutMs: 60 * 86_400_000 },
        { taskName: 'note', id: 'after', inputMapper: (_prev, _input, { outputs }) => ({ ...outputs.before, what: outputs.review.ok ? 'after' : 'refused' }) },
      ],
    },
  ],
})
`)
symlinkSync(fileURLToPath(new URL('../../../node_modules', import.meta.url)), join(folder, 'node_modules'))

const stateFile = join(folder, 'state.json')
let server: TriggerDevServer
let cli: TriggerCli
const startAll = async () => {
  server = await startTriggerDevServer({ stateFile })
  cli = await startTriggerCli({ projectFolder: folder, server, keepsProcesses: true })
  await cli.ready
  configure({ baseURL: server.url, accessToken: server.secretKey })
}
const stopAll = async () => {
  await cli?.stop()
  await server?.close()
}
beforeAll(() => {
  writeVersion(1)
  return startAll()
})
afterAll(async () => {
  await stopAll()
  rmSync(folder, { recursive: true, force: true })
})

const client = createClient<{ tracks: { Reviewed: { name: 'Reviewed'; tasks: [] } } }>()
const following = { pollMs: 100, timeoutMs: 120_000 }

/** Begins a run, and waits until it asks. */
async function beginAsking(name: string) {
  const journal = join(folder, name)
  const run = await client.trigger('Reviewed', { tenantId: 'acme', projectId: 'p', journal, what: '' })
  await expect.poll(() => client.questions(run)).toMatchObject([{ step: 'review' }])
  return { run, lines: () => linesOf(journal) }
}
test('a run that waits goes on with the version that began it, though a newer one has come; new runs are begun by that', async () => {
  const { run, lines } = await beginAsking('beside')
  writeVersion(2)
  await expect.poll(() => server.workers()).toHaveLength(2)
  const next = await beginAsking('next')
  server.advance('29d')
  for (const one of [run, next.run]) await client.answer(one, 'review', { ok: true })
  expect(await client.wait(run, following)).toMatchObject({ by: [1, 1] })
  expect(await client.wait(next.run, following)).toMatchObject({ by: [2, 2] })
  expect([lines(), next.lines()]).toEqual([['before 1', 'after 1'], ['before 2', 'after 2']])
})

test('a run whose worker is gone is cancelled; resumed on a newer version, what finished is not done again, and an answer that was given meanwhile holds', async () => {
  const { run, lines } = await beginAsking('replaced')
  const first = Number(lines()[0]!.split(' ')[1]) // 2, unless this test is run alone
  server.advance('29d')
  await stopAll()
  writeVersion(3)
  await startAll()
  expect(await client.retrieve(run)).toMatchObject({ status: 'cancelled' })
  await client.answer(run, 'review', { ok: true })
  const [resumed] = await client.resumeAll({ tenantId: 'acme' })
  expect(resumed).toMatchObject({ id: run.id, became: 'resumed' })
  const going = resumed!.became === 'resumed' ? resumed!.run : expect.unreachable()
  expect(await client.wait(going, following)).toMatchObject({ by: [first, 3] })
  expect(lines()).toEqual([`before ${first}`, 'after 3'])
})
