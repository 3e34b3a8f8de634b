import type { TaskHandlers } from '@track-orchestrator/registry'
import type { TaskRegistry } from '@track-orchestrator/registry/media'
import { createFlite, createMediaHandlers, createPocketsphinx, createRecordedSpeech, createSpeechLadder, type MediaHandlersOptions } from '@track-orchestrator/media-tasks'

export interface OfflineHandlersOptions extends Omit<MediaHandlersOptions, 'speechToText' | 'textToSpeech'> {
  /** Where pocketsphinx is looked for. */
  readonly searchPath: string
}

/** The media tasks without accounts and keys: a recorded transcript or pocketsphinx hears, flite speaks. */
export function createOfflineHandlers({ searchPath, ...options }: OfflineHandlersOptions): TaskHandlers<TaskRegistry> {
  const { ffmpeg, storage } = options
  return createMediaHandlers({
    ...options,
    speechToText: createSpeechLadder([createRecordedSpeech(storage), createPocketsphinx({ ffmpeg, searchPath })]),
    textToSpeech: createFlite(),
  })
}
