import { engineSuite, equivalenceSuite, type SuiteTasks } from '@track-orchestrator/core/testing'
import { afterAll } from 'vitest'
import { byHandTests } from './by-hand-tests.ts'
import { claimCheckTests } from './claim-check-tests.ts'
import { cliSession } from './cli-session.ts'
import { clientTests } from './client-tests.ts'
import { errorTests } from './error-tests.ts'
import { faultTests, stalledChild } from './fault-tests.ts'
import { goingOnTests } from './going-on-tests.ts'
import { haltTests } from './halt-tests.ts'
import { inlineRunTests } from './inline-tests.ts'
import { laneTests } from './lane-tests.ts'
import { noBarrierTests } from './no-barrier-tests.ts'
import { onSuccessTests } from './on-success-tests.ts'
import { costTests } from './cost-tests.ts'
import { createRemoteRunner, starterOf } from './remote-runner.ts'
import { resumeTests } from './resume-tests.ts'
import { registeredSeeds } from './seeds.ts'
import { silentLogTests } from './silent-log-tests.ts'
import { strangerTests } from './stranger-tests.ts'
import { tracksCommandTests } from './tracks-command-tests.ts'
import { viewerTests } from './viewer-tests.ts'
import { waitTests } from './wait-tests.ts'

// Everything that runs through the real command, in one session of it.
const { open, close } = cliSession()
afterAll(close)
const title = 'Trigger.dev (the real command, a local API)'

const { testStalled } = stalledChild(open)
const openRunner = async () => {
  const { server, eventsOf } = await open()
  return { runner: createRemoteRunner<SuiteTasks>(server, 600_000), eventsOf, start: starterOf(server, 600_000) }
}
// Wider than one chunk of the track's `concurrency`. TRIGGER_E2E_ITEMS=2500: wider than any batch may be.
engineSuite(title, openRunner, { manyItems: Number(process.env['TRIGGER_E2E_ITEMS'] ?? 120) })
equivalenceSuite(title, registeredSeeds, openRunner)
resumeTests(open)
goingOnTests(title, open)
claimCheckTests(open)
errorTests(open)
strangerTests(open)
byHandTests(open)
inlineRunTests(open)
haltTests(open)
noBarrierTests(open)
laneTests(open)
onSuccessTests(open)
silentLogTests(open)
clientTests(open)
costTests(open)
tracksCommandTests(open)
waitTests(open)
viewerTests(open)
faultTests(open)
testStalled()
