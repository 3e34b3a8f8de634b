import { existsSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Run } from '../engine/run.ts'
import { startTriggerDevServer, type TriggerDevServer } from '../server/start-trigger-dev-server.ts'
import { buildForDeploy } from './build-for-deploy.ts'
import { indexBuild } from './index-build.ts'
import { startTriggerCli, type TriggerCli } from './start-trigger-cli.ts'
import { cancel, trigger, triggerAndWait, waitForRun } from '../client/trigger-and-wait.ts'

const projectFolder = fileURLToPath(new URL('../../fixture', import.meta.url))

describe('the real CLI and SDK, without the cloud', () => {
  let server: TriggerDevServer
  let cli: TriggerCli
  let large: string

  beforeAll(async () => {
    server = await startTriggerDevServer({ log: (line) => console.error(line) })
    cli = await startTriggerCli({ projectFolder, server })
    await cli.ready
    // The SDK tries several times to hand the large output over: long enough for all other tests.
    large = await trigger(server, 'large', {})
  }, 330_000)

  afterAll(async () => {
    await cli.stop()
    await server.close()
  })

  /** Looks until the run says so in its metadata. */
  async function metadataOf(run: Run, key: string): Promise<unknown> {
    while (run.metadata[key] === undefined) await sleep(20)
    return run.metadata[key]
  }

  async function killProcessOf(task: string): Promise<string> {
    const id = await trigger(server, task, {})
    process.kill((await metadataOf(server.run(id)!, 'pid')) as number, 'SIGKILL')
    return id
  }

  test('registers the tasks of the project', () => {
    const ids = server.workers().at(-1)!.manifest.tasks.map(({ id }) => id)
    expect(ids).toEqual(expect.arrayContaining(['double', 'batch-of-two', 'diamond']))
  })

  test('runs two different tasks in one batch, and gives their outputs in order', async () => {
    expect((await triggerAndWait(server, 'batch-of-two', {})).output).toEqual([{ n: 42 }, { text: 'HELLO', at: '1970-01-01T00:00:00.000Z' }])
  })

  test('runs one task after the other', async () => {
    expect((await triggerAndWait(server, 'chain', { n: 1 })).output).toEqual({ n: 4 })
  })

  test('joins a shared dependency by key: three nodes, three runs', async () => {
    const { id, output } = await triggerAndWait(server, 'diamond', { scope: 'one' })
    expect(output).toEqual(['left(root())', 'right(root())', 'root()'])
    expect(server.runs().filter(({ task, root }) => task === 'node' && root?.friendlyId === id)).toHaveLength(3)
  })

  test('retries what fails', async () => {
    expect(await triggerAndWait(server, 'flaky', { failures: 2 })).toMatchObject({ status: 'COMPLETED', output: 3, attemptCount: 3 })
  })

  test('does not retry what says that there is no use', async () => {
    expect(await triggerAndWait(server, 'hopeless', {})).toMatchObject({ status: 'FAILED', attemptCount: 1, error: { name: 'AbortTaskRunError', message: 'no use trying again' } })
  })

  test('cancels a run and what it waits for: the signal aborts, onCancel is called', async () => {
    const id = await trigger(server, 'parent-of-endless', {})
    await server.until((event) => event.type === 'run.created' && event.task === 'endless', 120_000)
    const [child] = server.run(id)!.children
    await metadataOf(child!, 'begun')
    await cancel(server, id)
    expect(await waitForRun(server, id)).toMatchObject({ status: 'CANCELED' })
    expect(await waitForRun(server, child!.friendlyId)).toMatchObject({ status: 'CANCELED', metadata: { begun: true, cancelled: true } })
  })

  test('keeps what runs say of themselves and of their parent', async () => {
    const { id } = await triggerAndWait(server, 'counting', {})
    // What a child says of its parent may arrive after both have ended.
    await expect.poll(() => server.run(id)?.metadata).toMatchObject({ state: 'counting', total: 5, from: expect.arrayContaining([2, 3]) as unknown })
  })

  test('hangs where one batch has the same task and key twice', async () => {
    const before = server.batches().length
    const id = await trigger(server, 'double-key', { scope: 'one' })
    const batch = () => server.batches()[before]
    await expect.poll(() => [...(batch()?.runs ?? [])].map(({ status }) => status)).toEqual(['COMPLETED_SUCCESSFULLY'])
    await expect(waitForRun(server, id, 1_000)).rejects.toThrow('of double-key is EXECUTING after 1000 ms')
    expect(batch()).toMatchObject({ runCount: 2, completedAt: undefined })
  })

  test('refuses two waits at once', async () => {
    expect(await triggerAndWait(server, 'parallel-waits', {})).toMatchObject({ status: 'SYSTEM_FAILURE', attemptCount: 1, error: { message: expect.stringContaining('TASK_DID_CONCURRENT_WAIT') as unknown } })
  })

  test('crashes a run whose process was killed, though it has attempts left', async () => {
    expect(await waitForRun(server, await killProcessOf('fragile-target'))).toMatchObject({ status: 'CRASHED', attemptCount: 1 })
  })

  test('tries a killed run again, in a new process, where its task names a larger machine', async () => {
    expect(await waitForRun(server, await killProcessOf('target'))).toMatchObject({ status: 'COMPLETED', output: { attempt: 2, machine: 'medium-1x' } })
  })

  test('receives what processes log and trace', () => {
    expect(server.telemetry.logs).toContainEqual(expect.objectContaining({ message: 'endless begins', attributes: expect.objectContaining({ patience: 60 }) as unknown }))
    expect(server.telemetry.spans.map(({ name }) => name)).toContain('run()')
  })

  test('fails a run whose output is too large to send without an object store', async () => {
    expect(await waitForRun(server, large)).toMatchObject({ status: 'FAILED', error: { message: expect.stringContaining('TASK_OUTPUT_ERROR') as unknown } })
  })

  test('ends every process that it started, and leaves no folder behind', async () => {
    await cli.stop()
    expect(() => process.kill(cli.pid, 0)).toThrow('ESRCH')
    expect(existsSync(join(projectFolder, '.trigger'))).toBe(false)
  })

  test('builds what would be deployed', { timeout: 300_000 }, async () => {
    const build = await buildForDeploy({ projectFolder, server })
    expect(await readFile(join(build.folder, 'Containerfile'), 'utf8')).toContain('FROM ')
    expect((await indexBuild(build)).map(({ id }) => id)).toEqual(expect.arrayContaining(['double', 'batch-of-two', 'diamond']))
    await build.remove()
  })
})
