import { engineSuite, type SuiteTasks } from '@track-orchestrator/core/testing'
import { cliSession } from './cli-session.ts'
import { projectWith, type Project } from './project-with.ts'
import { createRemoteRunner } from './remote-runner.ts'

/**
 * The oldest SDK and command that may be used, on the oldest server. The newest are those of the workspace, with which all other tests
 * run. Others: TRIGGER_SDK_VERSIONS=4.5.12,4.6.4.
 */
const versions = (process.env['TRIGGER_SDK_VERSIONS'] ?? '4.4.1').split(',')

for (const version of versions) {
  let project: Project | undefined
  const { open, close } = cliSession(async () => ({ ...(project = await projectWith(version)), version: '4.4.0' }))
  const openEngine = async () => {
    const { server } = await open()
    const closeAll = async () => {
      await close()
      project?.remove()
    }
    return { runner: createRemoteRunner<SuiteTasks>(server, 600_000), close: closeAll }
  }
  engineSuite(`Trigger.dev, SDK and command of ${version}`, openEngine, { manyItems: 20 })
}
