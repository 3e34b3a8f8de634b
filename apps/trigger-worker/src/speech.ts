import { createSpeechLadder, type MediaHandlersOptions } from '@track-orchestrator/media-tasks'
import { createDeepgram, type DeepgramOptions } from '@track-orchestrator/media-tasks/deepgram'
import { createElevenLabs, type ElevenLabsOptions } from '@track-orchestrator/media-tasks/elevenlabs'
import { createFlite, createPocketsphinx, createRecordedSpeech } from '@track-orchestrator/media-tasks/offline-speech'

/** The hosted services of which there is a key. */
export interface SpeechServices {
  readonly deepgram?: DeepgramOptions | undefined
  readonly elevenLabs?: ElevenLabsOptions | undefined
}

export interface SpeechOptions extends Pick<MediaHandlersOptions, 'ffmpeg' | 'storage'> {
  readonly services: SpeechServices
  /** Where pocketsphinx is looked for. */
  readonly searchPath: string
}

/** Who hears and who speaks: each a hosted service where there is a key, else a recorded transcript or pocketsphinx, and flite. */
export function createSpeech({ services: { deepgram, elevenLabs }, ffmpeg, storage, searchPath }: SpeechOptions): Pick<MediaHandlersOptions, 'speechToText' | 'textToSpeech'> {
  return {
    speechToText: deepgram ? createDeepgram(deepgram) : createSpeechLadder([createRecordedSpeech(storage), createPocketsphinx({ ffmpeg, searchPath })]),
    textToSpeech: elevenLabs ? createElevenLabs(elevenLabs) : createFlite(),
  }
}
