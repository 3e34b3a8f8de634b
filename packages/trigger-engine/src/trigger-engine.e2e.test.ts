import { fileURLToPath } from 'node:url'
import { engineSuite, type SuiteTasks } from '@track-orchestrator/core/testing'
import { startTriggerCli, startTriggerDevServer } from '@track-orchestrator/trigger-dev-server'
import { createRemoteRunner } from './testing/remote-runner.ts'

const projectFolder = fileURLToPath(new URL('../fixture', import.meta.url))

engineSuite('Trigger.dev (the real command, a local API)', async () => {
  const server = await startTriggerDevServer()
  const cli = await startTriggerCli({ projectFolder, server })
  await cli.ready
  return {
    runner: createRemoteRunner<SuiteTasks>(server, 600_000),
    close: async () => {
      await cli.stop()
      await server.close()
    },
  }
})
