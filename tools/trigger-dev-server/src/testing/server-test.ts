import { test as base } from 'vitest'
import { startTriggerDevServer, type TriggerDevServer } from '../start-trigger-dev-server.ts'

/** A test with a server of its own. */
export const test = base.extend<{ server: TriggerDevServer }>({
  // oxlint-disable-next-line no-empty-pattern -- vitest reads from the pattern which other fixtures this one needs
  server: async ({}, use) => {
    const server = await startTriggerDevServer({ maxConcurrentRuns: 5, log: (line) => console.error(line) })
    await use(server)
    await server.close()
  },
})
