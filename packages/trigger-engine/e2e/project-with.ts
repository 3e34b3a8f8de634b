import { execFile } from 'node:child_process'
import { cpSync, mkdtempSync, mkdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import manifest from '../package.json' with { type: 'json' }

const packageFolder = fileURLToPath(new URL('..', import.meta.url))

/** The fixture, and this package's sources, as they stand where another version of the SDK and of the command is installed. */
export interface Project {
  readonly projectFolder: string
  readonly remove: () => void
}

/** Installs that version from the registry into a folder of its own: half a minute. The other packages of the workspace are those of the workspace. */
export async function projectWith(version: string): Promise<Project> {
  const folder = mkdtempSync(join(tmpdir(), `trigger-sdk-${version}-`))
  const dependencies = { '@trigger.dev/sdk': version, 'trigger.dev': version, zod: manifest.devDependencies.zod }
  writeFileSync(join(folder, 'package.json'), JSON.stringify({ private: true, type: 'module', dependencies }))
  await promisify(execFile)('npm', ['install', '--no-audit', '--no-fund', '--ignore-scripts', '--prefer-offline'], { cwd: folder })
  const engine = join(folder, 'engine')
  for (const name of ['src', 'e2e', 'package.json']) cpSync(join(packageFolder, name), join(engine, name), { recursive: true, filter: (path) => !path.includes('.trigger') })
  const flows = ['viewer', 'src', 'testing', 'sample-flows.ts'] // which the fixture registers, too
  cpSync(join(packageFolder, '..', ...flows), join(folder, ...flows))
  const scope = join(folder, 'node_modules', '@track-orchestrator')
  mkdirSync(scope)
  for (const name of ['core', 'registry']) symlinkSync(join(packageFolder, '..', name), join(scope, name))
  symlinkSync(engine, join(scope, 'trigger-engine'))
  return { projectFolder: join(engine, 'e2e', 'fixture'), remove: () => rmSync(folder, { recursive: true, force: true }) }
}
