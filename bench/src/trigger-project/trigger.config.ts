import { defineConfig } from '@trigger.dev/sdk'

/** What the bench `trigger` runs through the real command and the local API. */
export default defineConfig({
  project: 'proj_localdev0000000000',
  runtime: 'node',
  dirs: ['./trigger'],
  maxDuration: 300,
  retries: { enabledInDev: true },
  processKeepAlive: { enabled: true, maxExecutionsPerProcess: 100_000, devMaxPoolSize: 50 },
})
