import { equivalenceSuite, randomAskingOrchestrator, type SuiteTasks } from '@track-orchestrator/core/testing'
import { cliSession } from './cli-session.ts'
import { createRemoteRunner, starterOf } from './remote-runner.ts'
import { registeredSeeds } from './seeds.ts'

// In a session of its own: in one session with other tests, runs that these began after such flows were seen to wait for a minute and more.
const { open, close } = cliSession()

equivalenceSuite('Trigger.dev (the real command, a local API), flows that ask', registeredSeeds, async () => {
  const { server, eventsOf } = await open()
  return { runner: createRemoteRunner<SuiteTasks>(server, 600_000), eventsOf, start: starterOf(server, 600_000), close }
}, randomAskingOrchestrator)
