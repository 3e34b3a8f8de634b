import { existsSync } from 'node:fs'
import { mkdir } from 'node:fs/promises'
import { dirname, resolve } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { createConsoleLog } from '@track-orchestrator/core/console'
import { readSpeechServices } from './environment.ts'
import { createLocalRunner } from './local-runner.ts'
import { voiceConversion } from './orchestrators/voice-conversion.orchestrator.ts'

// Runs VoiceConversion in this process, on files: `npm start -- video.webm`. What is said is taken from a transcript beside the video
// (`video.deepgram.json`) or heard by pocketsphinx, and spoken by flite; with keys in the environment, or in .env, by Deepgram and ElevenLabs.
if (existsSync('.env')) process.loadEnvFile('.env')
const [video] = process.argv.slice(2)
if (video === undefined) {
  console.error('Which video? npm start -- path/to/video.webm')
  process.exit(2)
}
const speech = speechOrExit()
const storageFolder = fileURLToPath(new URL('../storage', import.meta.url))
await mkdir(storageFolder, { recursive: true })
const runner = await createLocalRunner({
  storageFolder,
  readableFolders: [dirname(resolve(video))],
  logs: [createConsoleLog()],
  defaults: { tenantId: 'me', projectId: 'my-worker' },
  env: process.env,
  speech,
})
const result = await runner.settleOrchestrator(voiceConversion, { url: pathToFileURL(resolve(video)).href })
if (result.status === 'succeeded') console.log(fileURLToPath(result.output.url))
else process.exitCode = 1

function speechOrExit() {
  try {
    return readSpeechServices()
  } catch (error) {
    console.error((error as Error).message)
    process.exit(2)
  }
}
