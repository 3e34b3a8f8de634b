import { mkdir, mkdtemp, readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { downloadRules } from '../download/download-rules.ts'
import { findFfmpeg } from '../ffmpeg/find-ffmpeg.ts'
import { createFileStorage } from '../file-storage/file-storage.ts'
import { defaultLimits } from '../media-limits.ts'
import type { ListeningOptions, MediaTools, SpeakingOptions } from '../media-tools.ts'

type TestMediaTools = MediaTools & Pick<ListeningOptions, 'speechToText'> & Pick<SpeakingOptions, 'textToSpeech'>

/** Tools in a folder of their own: the ffmpeg of this machine, a file storage, and nobody who listens or speaks. */
export interface TestTools {
  readonly tools: TestMediaTools
  /** Where test clips are made; the storage may read it. */
  readonly clipPath: (name: string) => string
  readonly clipUrl: (name: string) => string
  /** The local path behind a URL of the storage. */
  readonly pathOf: (url: string) => string
  /** What lies in the folder for temporary files: nothing, between tasks. */
  readonly temporaryFiles: () => Promise<string[]>
  /** Everything in the folder, by relative paths. */
  readonly allFiles: () => Promise<string[]>
  readonly close: () => Promise<void>
}

/** `FFMPEG_PATH` and `FFPROBE_PATH` choose the build, as everywhere. */
export async function openTestTools(overrides: Partial<TestMediaTools> = {}): Promise<TestTools> {
  const folder = await mkdtemp(join(tmpdir(), 'media-tasks-test-'))
  const clips = join(folder, 'clips')
  const temporaryFolder = join(folder, 'temporary')
  await Promise.all([mkdir(clips), mkdir(temporaryFolder)])
  const nobody = () => Promise.reject(new Error('nobody listens or speaks in this test'))
  const tools: TestMediaTools = {
    ffmpeg: await findFfmpeg(),
    storage: createFileStorage({ root: join(folder, 'storage'), readableFolders: [clips] }),
    temporaryFolder,
    limits: defaultLimits,
    download: downloadRules(),
    encoderThreads: 1,
    speechToText: { name: 'nobody', transcribe: nobody },
    textToSpeech: { name: 'nobody', speak: nobody },
    ...overrides,
  }
  return {
    tools,
    clipPath: (name) => join(clips, name),
    clipUrl: (name) => pathToFileURL(join(clips, name)).href,
    pathOf: (url) => fileURLToPath(url),
    temporaryFiles: () => readdir(temporaryFolder),
    async allFiles() {
      const found = await readdir(folder, { recursive: true, withFileTypes: true })
      return found.filter((entry) => !entry.isDirectory()).map((entry) => join(entry.parentPath, entry.name).slice(folder.length + 1))
    },
    close: () => rm(folder, { recursive: true, force: true }),
  }
}
