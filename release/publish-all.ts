import { execFile } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import type { TestProject } from 'vitest/node'
import { startRegistry } from './start-registry.ts'

declare module 'vitest' {
  interface ProvidedContext {
    /** What makes npm install from, and publish to, the registry on which every package of this repository lies. */
    readonly registrySettings: Readonly<Record<string, string>>
  }
}

const exec = promisify(execFile)
const root = fileURLToPath(new URL('..', import.meta.url))

/** Before all tests: builds every package and publishes it to a registry on this machine. */
export default async function publishAll({ provide }: TestProject): Promise<() => Promise<void>> {
  const registry = await startRegistry()
  const options = { cwd: root, env: { ...process.env, ...registry.settings }, maxBuffer: 1e8 }
  await exec('npx', ['nx', 'run-many', '-t', 'build', 'stage'], options)
  await exec('npx', ['changeset', 'publish', '--no-git-tag'], options)
  provide('registrySettings', registry.settings)
  return () => registry.stop()
}
