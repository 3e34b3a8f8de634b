import { goingOnSuite, type SuiteTasks } from '@track-orchestrator/core/testing'
import { configure } from '@trigger.dev/sdk'
import { createClient, type TriggeredRun } from '../src/client/index.ts'
import type { OpenSession } from './cli-session.ts'
import { createRemoteRunner } from './remote-runner.ts'

/** What every engine owes that goes on with earlier runs, as a backend asks for it: by the client. */
export function goingOnTests(title: string, open: OpenSession): void {
  goingOnSuite(title, async () => {
    const { server } = await open()
    configure({ baseURL: server.url, accessToken: server.secretKey })
    const client = createClient()
    const settled = async (run: TriggeredRun) => {
      const startedAt = Date.now()
      const end = await client.wait(run, { pollMs: 100, timeoutMs: 240_000 }).then((output) => ({ status: 'succeeded', output }) as const, (error) => ({ status: 'failed', error }) as const)
      return { runId: run.id, startedAt, durationMs: Date.now() - startedAt, ...end }
    }
    return {
      runner: createRemoteRunner<SuiteTasks>(server, 240_000),
      resume: async (runId) => settled(await client.resume(runId)),
      fork: async (runId, how) => settled(await client.fork(runId, how)),
    }
  })
}
