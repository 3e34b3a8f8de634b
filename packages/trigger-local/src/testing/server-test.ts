import { test as base } from 'vitest'
import { startTriggerDevServer, type TriggerDevServer, type TriggerDevServerOptions } from '../server/start-trigger-dev-server.ts'

/** A test with a server of its own, under `options` (`test.extend({ options })`). */
export const test = base.extend<{ server: TriggerDevServer; options: TriggerDevServerOptions }>({
  options: {},
  server: async ({ options }, use) => {
    const server = await startTriggerDevServer({ maxConcurrentRuns: 5, ...options, log: (line) => console.error(line) })
    await use(server)
    await server.close()
  },
})
