import { engineSuite, equivalenceSuite, type SuiteTasks } from '@track-orchestrator/core/testing'
import { afterAll } from 'vitest'
import { byHandTests } from './testing/by-hand-tests.ts'
import { claimCheckTests } from './testing/claim-check-tests.ts'
import { cliSession } from './testing/cli-session.ts'
import { noBarrierTests } from './testing/no-barrier-tests.ts'
import { onSuccessTests } from './testing/on-success-tests.ts'
import { createRemoteRunner } from './testing/remote-runner.ts'
import { resumeTests } from './testing/resume-tests.ts'
import { registeredSeeds } from './testing/seeds.ts'

// Everything that runs through the real command, in one session of it.
const { open, close } = cliSession()
afterAll(close)
const title = 'Trigger.dev (the real command, a local API)'

const openRunner = async () => {
  const { server, eventsOf } = await open()
  return { runner: createRemoteRunner<SuiteTasks>(server, 600_000), eventsOf }
}
engineSuite(title, openRunner)
equivalenceSuite(title, registeredSeeds, openRunner)
resumeTests(open)
claimCheckTests(open)
byHandTests(open)
noBarrierTests(open)
onSuccessTests(open)
