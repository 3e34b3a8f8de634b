import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { RunEvent } from '@track-orchestrator/core'
import { startTriggerCli, startTriggerDevServer, type TriggerDevServer } from '@track-orchestrator/trigger-dev-server'

const projectFolder = fileURLToPath(new URL('../../fixture', import.meta.url))

/** The real command over the fixture, and where its runs leave things. */
export interface CliSession {
  readonly server: TriggerDevServer
  /** A path for a file of the test's own. */
  newFile(name: string): string
  /** What the run and its child runs told, in the order it happened. */
  eventsOf(runId: string): RunEvent[]
  /** What the command printed. */
  output(): string
  close(): Promise<void>
}
export type OpenSession = () => Promise<CliSession>

/** Starts the command when it is first asked for: it takes half a minute, so a test file has one session. */
export function cliSession(): { readonly open: OpenSession; readonly close: () => Promise<void> } {
  let opening: Promise<CliSession> | undefined
  return { open: () => (opening ??= start()), close: async () => (await opening)?.close() }
}

async function start(): Promise<CliSession> {
  const folder = mkdtempSync(join(tmpdir(), 'trigger-engine-'))
  // Room for every track and task of the widest graph, since one that waits keeps its place.
  const server = await startTriggerDevServer({ maxConcurrentRuns: 40 })
  const cli = await startTriggerCli({ projectFolder, server, env: { FIXTURE_FOLDER: folder } })
  await cli.ready
  let files = 0
  return {
    server,
    newFile: (name) => join(folder, `${++files}-${name}`),
    eventsOf: (runId) => linesOf(join(folder, `events-${runId}`)).map((line) => JSON.parse(line) as RunEvent),
    output: () => cli.output(),
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
