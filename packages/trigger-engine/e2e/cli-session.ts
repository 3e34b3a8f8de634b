import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { RunEvent } from '@track-orchestrator/core'
import { startTriggerCli, startTriggerDevServer, triggerAndWait, waitForRun, type ServerVersionName, type TriggerAndWaitOptions, type TriggerDevServer } from '@track-orchestrator/trigger-local'
import type { PayloadStore } from '../src/crossing/claim-check.ts'
import type { SucceededRun } from '../src/world.ts'
import { createFileStore } from './fixture/file-store.ts'
import { seedsVariable } from './seeds.ts'

/** A worker gives a sign of life every 30 seconds. A real server waits for five minutes. */
const stallMs = 75_000
/** More than any run takes, also on a busy machine. */
const runTimeoutMs = 240_000
const fixture = fileURLToPath(new URL('./fixture', import.meta.url))

/** The real command over the fixture, and where its runs leave things. */
export interface CliSession {
  readonly server: TriggerDevServer
  /** Triggers a task by its name and waits for its end, whatever that is. */
  readonly run: (task: string, payload: object, options?: TriggerAndWaitOptions) => ReturnType<typeof triggerAndWait>
  /** Waits for the end of a run that was triggered. */
  readonly ended: (runId: string) => ReturnType<typeof waitForRun>
  /** Where runs leave things, stored payloads too. */
  readonly folder: string
  /** The store of the fixture's worker. */
  readonly store: PayloadStore
  /** A path for a file of the test's own. */
  readonly newFile: (name: string) => string
  /** What `onSuccess` was told of this run. */
  readonly successesOf: (runId: string) => SucceededRun[]
  /** What the run and its child runs told, in the order it happened. */
  readonly eventsOf: (runId: string) => RunEvent[]
  /** How the log that never answers was asked to flush in the run and its child runs: see `createSilentLog`. */
  readonly flushesOf: (runId: string) => string[]
  readonly close: () => Promise<void>
}
export type OpenSession = () => Promise<CliSession>

export interface SessionOptions {
  /** Default: the fixture, with the command and the SDK of the workspace. */
  readonly projectFolder?: string
  /** Default: the hardest. */
  readonly version?: ServerVersionName
}

/** Starts the command when it is first asked for: it takes half a minute, so a test file has one session. */
export function cliSession(options: () => Promise<SessionOptions> = async () => ({})): { readonly open: OpenSession; readonly close: () => Promise<void> } {
  let opening: Promise<CliSession> | undefined
  return { open: () => (opening ??= options().then(start)), close: async () => (await opening)?.close() }
}

async function start({ projectFolder = fixture, version }: SessionOptions): Promise<CliSession> {
  const folder = mkdtempSync(join(tmpdir(), 'trigger-engine-'))
  // The bucket is as large as a real server's and empties as fast; it fills twenty times as fast, so that no test waits for it.
  // Room for every track and task of the widest graph, since one that waits keeps its place.
  const server = await startTriggerDevServer({ ...(version && { version }), maxConcurrentRuns: 40, batchTokens: { max: 1_200, refill: 100, intervalMs: 500 }, stallTimes: { EXECUTING: stallMs } })
  const seeds = process.env[seedsVariable]
  const cli = await startTriggerCli({ projectFolder, server, env: { FIXTURE_FOLDER: folder, ...(seeds !== undefined && { [seedsVariable]: seeds }) } })
  await cli.ready
  let files = 0
  return {
    server,
    run: (task, payload, options) => triggerAndWait(server, task, payload, { timeoutMs: runTimeoutMs, ...options }),
    ended: (runId) => waitForRun(server, runId, runTimeoutMs),
    folder,
    store: createFileStore(folder),
    newFile: (name) => join(folder, `${++files}-${name}`),
    successesOf: (runId) => linesOf(join(folder, 'succeeded')).map((line) => JSON.parse(line) as SucceededRun).filter((run) => run.runId === runId),
    eventsOf: (runId) => linesOf(join(folder, `events-${runId}`)).map((line) => JSON.parse(line) as RunEvent),
    flushesOf: (runId) => linesOf(join(folder, `flushes-${runId}`)),
    close: async () => {
      await cli.stop()
      await server.close()
      rmSync(folder, { recursive: true, force: true })
    },
  }
}

/** The lines of a file; none where there is no file yet. */
export function linesOf(file: string): string[] {
  try {
    return readFileSync(file, 'utf8').split('\n').filter(Boolean)
  } catch {
    return []
  }
}
