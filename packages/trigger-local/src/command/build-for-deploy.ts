import { execFile } from 'node:child_process'
import { mkdtemp, rm, rmdir } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { promisify } from 'node:util'
import type { TriggerDevServer } from '../server/start-trigger-dev-server.ts'
import { cliEntry } from './cli-entry.ts'
import { cliPreload } from './cli-preload.ts'
import { secludedVariables } from './cli-variables.ts'

export interface BuildForDeployOptions {
  /** The folder with `trigger.config.ts`. */
  readonly projectFolder: string
  readonly server: TriggerDevServer
  /** Variables for the build, beside PATH. */
  readonly env?: Readonly<Record<string, string>>
  /** Default: 120 000. */
  readonly timeoutMs?: number
}

/** What would be deployed. */
export interface DeployBuild {
  /** The built project, with its package.json, Containerfile and code. */
  readonly folder: string
  readonly output: string
  /** Removes the folder, and those around it that the CLI made, if nothing else is in them. */
  remove(): Promise<void>
}

/** Runs `trigger deploy --dry-run`: the real production build, sent nowhere. Rejects if it fails, with what the CLI printed. */
export async function buildForDeploy({ projectFolder, server, env = {}, timeoutMs = 120_000 }: BuildForDeployOptions): Promise<DeployBuild> {
  const entry = cliEntry(projectFolder)
  const home = await mkdtemp(join(tmpdir(), 'trigger-cli-'))
  try {
    const { stdout, stderr } = await promisify(execFile)(
      process.execPath,
      ['--import', cliPreload({ entry, projectFolder, keepsProcesses: false }), entry, 'deploy', '--dry-run', '--skip-update-check', '--skip-telemetry'],
      { cwd: projectFolder, timeout: timeoutMs, env: { PATH: process.env['PATH'], ...env, ...secludedVariables(server, home) } },
    )
    const folder = /View the built project at (.+)/.exec(stdout)?.[1]?.trim()
    if (folder === undefined) throw new Error(`trigger deploy --dry-run told of no build. It printed:\n${stdout}${stderr}`)
    return { folder, output: stdout + stderr, remove: () => remove(folder) }
  } finally {
    await rm(home, { recursive: true, force: true })
  }
}

async function remove(folder: string): Promise<void> {
  await rm(folder, { recursive: true, force: true })
  const temporary = dirname(folder)
  for (const made of [temporary, dirname(temporary)]) {
    try {
      await rmdir(made)
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOTEMPTY') return
      throw error
    }
  }
}
