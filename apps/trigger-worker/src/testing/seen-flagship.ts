import { cp, mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { createJournal, createRunner, outlineOf } from '@track-orchestrator/core/in-process'
import { journalSource, type RunSource } from '@track-orchestrator/viewer'
import { readEnvironment } from '../environment.ts'
import { registry } from '../registry.ts'
import { orchestrators } from '../tracks.config.ts'
import { openWorkerTools } from '../worker-tools.ts'

const sample = fileURLToPath(new URL('../../sample/sense-and-sensibility', import.meta.url))

/** Runs the flagship on the bundled sample, in the folder, as the run `talk`: what a viewer shows of it. */
export async function runSeenFlagship(folder: string): Promise<RunSource> {
  for (const end of ['.webm', '.deepgram.json']) await cp(sample + end, join(folder, `talk${end}`))
  await mkdir(join(folder, 'storage'))
  const { handlers } = openWorkerTools(readEnvironment({ STORAGE_FOLDER: join(folder, 'storage'), READABLE_FOLDERS: folder, PATH: process.env['PATH'], FFMPEG_PATH: process.env['FFMPEG_PATH'], FFPROBE_PATH: process.env['FFPROBE_PATH'] }))
  const journal = createJournal({ folder: join(folder, 'journal') })
  const runner = createRunner({ registry, handlers, journal, defaults: { tenantId: 'local', projectId: 'local' } })
  const { VoiceConversion } = orchestrators
  await runner.runOrchestrator(VoiceConversion, { url: pathToFileURL(join(folder, 'talk.webm')).href }, { runId: 'talk' })
  return journalSource({ journal, name: '.tracks', outlineOf: (name) => (name === VoiceConversion.name ? outlineOf(VoiceConversion, registry) : undefined), mediaFolders: [join(folder, 'storage')] })
}
