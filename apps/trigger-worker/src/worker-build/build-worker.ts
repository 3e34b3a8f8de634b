import { tmpdir } from 'node:os'
import { fileURLToPath } from 'node:url'
import { buildForDeploy, indexBuild, startTriggerDevServer, type DeployBuild, type IndexedTask } from '@track-orchestrator/trigger-local'

const projectFolder = fileURLToPath(new URL('../..', import.meta.url))
/** Nothing runs, so nothing is stored: the folder has to be named only. */
const env = { STORAGE_FOLDER: tmpdir() }

/** What `worker:deploy` would send, and the tasks in it: the real production build, for nobody. Remove the build after use. */
export async function buildWorker(): Promise<{ readonly build: DeployBuild; readonly tasks: readonly IndexedTask[] }> {
  const server = await startTriggerDevServer()
  try {
    const build = await buildForDeploy({ projectFolder, server, env })
    return { build, tasks: await indexBuild(build, { env }) }
  } finally {
    await server.close()
  }
}
