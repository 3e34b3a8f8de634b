import { resolve } from 'node:path'
import { connectTriggerLocal, type TriggerLocalClient } from '../client/trigger-local-client.ts'
import { startTriggerCli, type TriggerCli } from '../command/start-trigger-cli.ts'
import { startTriggerDevServer, type TriggerDevServer } from '../server/start-trigger-dev-server.ts'
import { checkTriggerLocalOptions, projectFolderOf, type TriggerLocalOptions } from './trigger-local-options.ts'

/** A local Trigger.dev with the project's tasks in it. */
export interface TriggerLocal extends TriggerLocalClient {
  /** The server, with a look inside: live runs, events, batches, traces. */
  readonly server: TriggerDevServer
  /** What `trigger dev` printed so far. */
  readonly output: () => string
  /** Ends the command, every process that it started, and the server. A second call waits for the first. */
  readonly stop: () => Promise<void>
}

/**
 * Starts a local Trigger.dev API and the real `trigger dev` of the project against it, and resolves once its tasks are registered:
 * 10 to 30 s, so once for many tests. Needs no account, and nothing leaves the machine. Rejects, with what the command printed,
 * if the project cannot be built.
 */
export async function startTriggerLocal(options: TriggerLocalOptions = {}): Promise<TriggerLocal> {
  checkTriggerLocalOptions(options)
  const { project, env, envFile, freshProcesses = false, readyTimeoutMs, ...serverOptions } = options
  const projectFolder = projectFolderOf(project)
  const server = await startTriggerDevServer(serverOptions)
  let cli: TriggerCli | undefined
  let stopping: Promise<void> | undefined
  const stop = async () => {
    await cli?.stop()
    await server.close()
  }
  try {
    cli = await startTriggerCli({
      projectFolder, server, keepsProcesses: !freshProcesses, ...(env && { env }),
      ...(envFile !== undefined && { envFile: resolve(projectFolder, envFile) }), ...(readyTimeoutMs !== undefined && { readyTimeoutMs }),
    })
    await cli.ready
  } catch (error) {
    await stop()
    throw error
  }
  const { output } = cli
  return { ...connectTriggerLocal(server), server, output, stop: () => (stopping ??= stop()) }
}
