import { ffmpeg } from '@trigger.dev/build/extensions/core'
import { defineConfig } from '@trigger.dev/sdk'
import { offlineSpeech } from './src/build/offline-speech.ts'
import { readProjectRef } from './src/environment.ts'

export default defineConfig({
  project: readProjectRef(),
  runtime: 'node-22',
  dirs: ['./src/trigger'],
  // Seconds of work an attempt may take, waits not counted: enough for a part of a video, or a long film's sound, on its machine.
  maxDuration: 3_600,
  // Each task is registered with the retries of its contract; `default` is for tasks written by hand.
  retries: { enabledInDev: true, default: { maxAttempts: 3, minTimeoutInMs: 1_000, maxTimeoutInMs: 30_000, factor: 2, randomize: true } },
  // A warm process saves a run one to two seconds.
  processKeepAlive: true,
  legacyDevProcessCwdBehaviour: false,
  build: {
    conditions: ['@track-orchestrator/source'],
    external: ['fluent-ffmpeg'],
    extensions: [ffmpeg(), offlineSpeech()],
  },
})
