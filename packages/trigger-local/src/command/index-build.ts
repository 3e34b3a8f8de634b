import { fork } from 'node:child_process'
import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { BuildManifest, type WorkerManifest } from '@trigger.dev/core/v3'
import { execOptionsForRuntime } from '@trigger.dev/core/v3/build'
import type { DeployBuild } from './build-for-deploy.ts'

export interface IndexBuildOptions {
  /** Variables that the tasks' files need when they are loaded, beside PATH. */
  readonly env?: Readonly<Record<string, string>>
  /** Default: 60 000. */
  readonly timeoutMs?: number
}

/** A task as the build itself tells of it. */
export type IndexedTask = WorkerManifest['tasks'][number]

/** What the build's own indexer sends. */
type Message =
  | { readonly type: 'INDEX_COMPLETE'; readonly payload: { readonly manifest: WorkerManifest; readonly importErrors: readonly { readonly message: string; readonly file: string }[] } }
  | { readonly type: string; readonly payload: unknown }

/**
 * Loads what would be deployed, by the indexer that is in it, and gives its tasks: what a deployment does last, in its image.
 * Packages of the image are taken from the project's own node_modules. Rejects if a file of the build cannot be loaded.
 */
export async function indexBuild({ folder }: Pick<DeployBuild, 'folder'>, { env = {}, timeoutMs = 60_000 }: IndexBuildOptions = {}): Promise<IndexedTask[]> {
  // The build tells of places in the image.
  const written = await readFile(join(folder, 'build.json'), 'utf8')
  const manifest = BuildManifest.parse(JSON.parse(written, (_key, value: unknown) => (typeof value === 'string' && value.startsWith('/app/') ? join(folder, value.slice('/app/'.length)) : value)))
  const { runtime, customConditions, loaderEntryPoint } = manifest
  const manifestPath = join(folder, 'build.here.json')
  await writeFile(manifestPath, JSON.stringify(manifest))
  const child = fork(manifest.indexWorkerEntryPoint, {
    cwd: folder,
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
    timeout: timeoutMs,
    execArgv: [],
    env: {
      PATH: process.env['PATH'],
      ...env,
      NODE_OPTIONS: execOptionsForRuntime(runtime, { ...(customConditions && { customConditions }), ...(loaderEntryPoint !== undefined && { loaderEntryPoint }) }),
      TRIGGER_BUILD_MANIFEST_PATH: manifestPath,
      TRIGGER_INDEXING: '1',
    },
  })
  let printed = ''
  for (const stream of [child.stdout!, child.stderr!]) stream.setEncoding('utf8').on('data', (text: string) => (printed += text))
  try {
    return await new Promise((resolve, reject) => {
      child.once('error', reject)
      child.once('exit', (code, signal) => reject(new Error(`The build's indexer ended (${signal ?? code}). It printed:\n${printed}`)))
      child.on('message', (message: Message) => {
        if (!isComplete(message)) return reject(new Error(`The build cannot be indexed: ${message.type} ${JSON.stringify(message.payload)}`))
        const { manifest: indexed, importErrors } = message.payload
        if (importErrors.length > 0) reject(new Error(importErrors.map((error) => `${error.file}: ${error.message}`).join('\n')))
        else resolve(indexed.tasks)
      })
    })
  } finally {
    child.kill('SIGKILL')
  }
}

function isComplete(message: Message): message is Extract<Message, { type: 'INDEX_COMPLETE' }> {
  return message.type === 'INDEX_COMPLETE'
}
