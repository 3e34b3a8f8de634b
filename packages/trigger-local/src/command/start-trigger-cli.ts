import { spawn } from 'node:child_process'
import { existsSync } from 'node:fs'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import type { EngineEvent } from '../engine/engine-event.ts'
import type { TriggerDevServer } from '../server/start-trigger-dev-server.ts'
import { cliEntry } from './cli-entry.ts'
import { cliPreload } from './cli-preload.ts'
import { cliVariables, secludedVariables } from './cli-variables.ts'
import { endCli, sendSignal } from './end-cli.ts'

export interface TriggerCliOptions {
  /** The folder with `trigger.config.ts`. One session a folder at a time: the CLI keeps a lock in it. */
  readonly projectFolder: string
  readonly server: TriggerDevServer
  /** Variables for the tasks, beside PATH. */
  readonly env?: Readonly<Record<string, string>>
  /** How long the first registration may take, in milliseconds. Default: 300,000; half a minute is usual on two busy cores. */
  readonly readyTimeoutMs?: number
  /** How many runs the CLI works on at once. Default: what the server allows. */
  readonly maxConcurrentRuns?: number
  /**
   * A person's session: the command has this process's whole environment and home folder, the project's `.env` files, and colours
   * if it says so. Default: only PATH and `env`, so that a test runs alike on every machine.
   */
  readonly session?: 'own' | 'own in colours'
  /** A file of variables for the tasks, as of `trigger dev --env-file`. Default: none, or in a person's session the project's. */
  readonly envFile?: string
  /** Whether a process takes one run after the other, where the project's config does not say: a run costs 0.2 s instead of 2. Default: no, as the real command. */
  readonly keepsProcesses?: boolean
  /** Told of what the CLI prints, as it prints it. */
  readonly onOutput?: (text: string) => void
}

/** A running `trigger dev`. */
export interface TriggerCli {
  /** Resolves once the worker is registered. Rejects, with what the CLI printed, if it ends before that or takes too long. */
  readonly ready: Promise<void>
  /** What the CLI printed so far, both streams. */
  readonly output: () => string
  readonly pid: number
  /** Resolves when the command has ended, by itself or by `stop`. */
  readonly ended: Promise<void>
  /** Ends the CLI and every process that it started, and removes its folders. A second call waits for the first. */
  stop(): Promise<void>
}

/** How much of what the CLI printed is kept: the latest. */
const keptCharacters = 1_000_000

/** No questions, no news, no look for newer versions. */
const quiet = ['--skip-update-check', '--skip-mcp-install', '--skip-rules-install', '--skip-telemetry', '--disable-warnings']
/** 4.4.1 does not know it, and the command refuses what it does not know. */
const laterQuiet = '--skip-platform-notifications'

async function quietOptions(entry: string): Promise<string[]> {
  const source = await readFile(join(dirname(entry), 'commands', 'dev.js'), 'utf8')
  return source.includes(laterQuiet) ? [...quiet, laterQuiet] : quiet
}

/** A person's `.env` in the project would win over `env`: an empty file takes its place in a test. */
async function envFileOption({ envFile, session }: TriggerCliOptions, home: string): Promise<string[]> {
  if (envFile !== undefined) return ['--env-file', envFile]
  if (session !== undefined) return []
  const path = join(home, '.env')
  await writeFile(path, '')
  return ['--env-file', path]
}

function environment({ env = {}, server, session }: TriggerCliOptions, home: string): NodeJS.ProcessEnv {
  if (session === undefined) return { PATH: process.env['PATH'], ...env, ...secludedVariables(server, home) }
  // A branch would have to be made on the server, which has none.
  const { TRIGGER_DEV_BRANCH: _branch, ...own } = process.env
  return { ...own, ...env, ...cliVariables(server, home), ...(session === 'own in colours' ? { FORCE_COLOR: '1' } : {}) }
}

/** Starts the real `trigger dev` over a project, against the local server, with a home folder of its own. */
export async function startTriggerCli(options: TriggerCliOptions): Promise<TriggerCli> {
  const { projectFolder, server, readyTimeoutMs = 300_000, maxConcurrentRuns, keepsProcesses = false, onOutput } = options
  const entry = cliEntry(projectFolder)
  // Where the CLI builds, and keeps its lock and its watchdog's id.
  const workFolder = join(projectFolder, '.trigger')
  const isNewFolder = !existsSync(workFolder)
  const home = await mkdtemp(join(tmpdir(), 'trigger-cli-'))
  const limit = maxConcurrentRuns === undefined ? [] : ['--max-concurrent-runs', String(maxConcurrentRuns)]
  const registeredBefore = server.workers().length
  const child = spawn(process.execPath, ['--import', cliPreload({ entry, projectFolder, keepsProcesses }), entry, 'dev', ...(await quietOptions(entry)), ...(await envFileOption(options, home)), ...limit], {
    cwd: projectFolder,
    // A process group of its own, so that it can be ended together with its children.
    detached: true,
    stdio: ['ignore', 'pipe', 'pipe'],
    env: environment(options, home),
  })
  let printed = ''
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (text: string) => {
      printed = (printed + text).slice(-keptCharacters)
      onOutput?.(text)
    })
  }

  const exited = new Promise<never>((_, reject) => {
    child.once('error', reject)
    child.once('exit', (code, signal) => reject(new Error(`trigger dev ended (${signal ?? code}). It printed:\n${printed}`)))
  })
  const registered = async () => {
    const isNew = ({ type }: EngineEvent) => type === 'worker.registered' && server.workers().length > registeredBefore
    await server.until(isNew, readyTimeoutMs).catch(() => {
      throw new Error(`trigger dev registered no worker within ${readyTimeoutMs} ms. It printed:\n${printed}`)
    })
  }
  const ready = Promise.race([registered(), exited])
  for (const awaited of [ready, exited]) awaited.catch(() => {})

  // Should this process end without stopping the CLI, it takes the CLI with it; the watchdog then ends by itself.
  const endAtExit = () => sendSignal(-child.pid!, 'SIGKILL')
  process.once('exit', endAtExit)
  const stop = async () => {
    await endCli(child, projectFolder)
    process.off('exit', endAtExit)
    await Promise.all([home, ...(isNewFolder ? [workFolder] : [])].map((folder) => rm(folder, { recursive: true, force: true, maxRetries: 3 })))
  }
  let stopping: Promise<void> | undefined
  return {
    ready,
    output: () => printed,
    pid: child.pid!,
    ended: exited.catch(() => {}),
    stop: () => (stopping ??= stop()),
  }
}
