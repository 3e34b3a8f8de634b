import { availableParallelism } from 'node:os'
import { join } from 'node:path'
import type { Runner, RunLog } from '@track-orchestrator/core'
import { createRunner, type InProcessContext } from '@track-orchestrator/core/in-process'
import { createFileStorage, findFfmpeg, type Ffmpeg, type Storage } from '@track-orchestrator/media-tasks'
import type { SpeechServices } from './environment.ts'
import { registry, type Registry } from './registry.ts'
import { createHandlers } from './tracks.config.ts'

export interface LocalRunnerOptions<Defaults extends object> {
  /** Where files between tasks, and results, are stored, and the tasks' own files are made. */
  readonly storageFolder: string
  /** Default: files in `storageFolder`. */
  readonly storage?: Storage
  /** Default: the system's. */
  readonly temporaryFolder?: string
  /** Folders from which `file://` URLs may be read, beside the storage. */
  readonly readableFolders: readonly string[]
  readonly logs?: readonly RunLog[]
  readonly defaults?: Defaults
  /** Default: found by `FFMPEG_PATH`, `PATH`, npm. */
  readonly ffmpeg?: Ffmpeg
  /** Where `FFMPEG_PATH`, `FFPROBE_PATH` and `PATH` are looked up. */
  readonly env: Readonly<Record<string, string | undefined>>
  /** Hosted services that hear and speak. Default: none, whatever keys `env` may hold. */
  readonly speech?: SpeechServices
}

/** This worker's tasks on one machine: in-process engine, files on disk, and offline speech where no service is given. */
export async function createLocalRunner<Defaults extends object = {}>(options: LocalRunnerOptions<Defaults>): Promise<Runner<Registry, InProcessContext, Defaults>> {
  const { storageFolder, temporaryFolder, readableFolders, logs = [], defaults, env } = options
  const ffmpeg = options.ffmpeg ?? (await findFfmpeg({ env }))
  const storage = options.storage ?? createFileStorage({ root: storageFolder, readableFolders })
  const handlers = createHandlers({ ffmpeg, storage, speech: options.speech, temporaryFolder: temporaryFolder ?? join(storageFolder, '.tmp'), searchPath: env['PATH'] ?? '' })
  // One encoder a core: more only take memory. See `encoderThreads`.
  const taskConcurrency = { transcode_video_segment: availableParallelism() }
  return createRunner<Registry, Defaults>({ registry, handlers, taskConcurrency, logs, ...(defaults && { defaults }) })
}
