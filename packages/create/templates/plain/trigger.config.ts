import { defineConfig } from '@trigger.dev/sdk'

export default defineConfig({
  // `trigger dev` and `trigger deploy` refuse this stand-in by its name: set TRIGGER_PROJECT_REF.
  project: process.env['TRIGGER_PROJECT_REF'] || 'proj_set_TRIGGER_PROJECT_REF',
  runtime: 'node-22',
  dirs: ['./src/trigger'],
  // Seconds of work an attempt may take, waits not counted.
  maxDuration: 3_600,
  // Each task is registered with the retries of its contract; `default` is for tasks written by hand.
  retries: { enabledInDev: true, default: { maxAttempts: 3, minTimeoutInMs: 1_000, maxTimeoutInMs: 30_000, factor: 2, randomize: true } },
})
