// Takes the sound of one video away, alone in a process; prints the most memory that the process ever took, and the frames it counted.
// Plain JavaScript on the built packages, as their users run them: nothing else is loaded that takes memory.
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { createRunner } from '@track-orchestrator/core/in-process'
import { createFileStorage, createMediaHandlers, findFfmpeg } from '@track-orchestrator/media-tasks'
import { tasks } from '@track-orchestrator/registry/media'

const [url, storageFolder] = process.argv.slice(2)
const nobody = { name: 'nobody', transcribe: () => Promise.reject(new Error('nobody listens')), speak: () => Promise.reject(new Error('nobody speaks')) }
const storage = createFileStorage({ root: storageFolder, readableFolders: [dirname(fileURLToPath(url))] })
const handlers = createMediaHandlers({ ffmpeg: await findFfmpeg(), storage, temporaryFolder: join(storageFolder, '.tmp'), speechToText: nobody, textToSpeech: nobody })
const { frameCount } = await createRunner({ registry: tasks, handlers }).runSingleTask('video_strip_audios', { tenantId: 't', projectId: 'p', url })
console.log(JSON.stringify({ peakKilobytes: process.resourceUsage().maxRSS, frameCount }))
