import { createConsoleLog } from '@track-orchestrator/core/console'
import { createRunner } from '@track-orchestrator/core/in-process'
import config from './tracks.config.ts'
import { wordCountTrack } from './tracks/word-count.track.ts'

// Runs a track in this process: `npm start`, or `npm start -- https://example.org`.
const { registry, handlers } = config
const runner = createRunner({ registry, handlers, logs: [createConsoleLog()], defaults: { tenantId: 'me', projectId: 'my-worker' } })
const { words } = await runner.runTrack(wordCountTrack, { url: process.argv[2] ?? 'data:text/plain,to be or not to be' })
console.log(`${words} words`)
