import { createMediaHandlers, createSpeechLadder, createTranslateSegmentsHandler, type Ffmpeg, type Storage } from '@track-orchestrator/media-tasks'
import { createDeepgram } from '@track-orchestrator/media-tasks/deepgram'
import { createElevenLabs } from '@track-orchestrator/media-tasks/elevenlabs'
import { createFlite, createPocketsphinx, createRecordedSpeech } from '@track-orchestrator/media-tasks/offline-speech'
import { TerminalError, type TaskHandlers } from '@track-orchestrator/registry'
import type { Overrides } from '@track-orchestrator/trigger-engine'
import type { Environment, SpeechServices } from './environment.ts'
import { reviewedVoiceConversion } from './orchestrators/reviewed-voice-conversion.orchestrator.ts'
import { translatedDubbing } from './orchestrators/translated-dubbing.orchestrator.ts'
import { voiceConversion } from './orchestrators/voice-conversion.orchestrator.ts'
import type { Registry } from './registry.ts'
import { audioProcessingTrack } from './tracks/audio-processing.track.ts'
import { compositeAudioProcessingTrack } from './tracks/composite-audio-processing.track.ts'
import { mediaImportTrack } from './tracks/media-import.track.ts'
import { mediaProcessingTrack } from './tracks/media-processing.track.ts'
import { reviewedAudioTrack } from './tracks/reviewed-audio.track.ts'
import { translatedAudioTrack } from './tracks/translated-audio.track.ts'
import { videoProcessingTrack } from './tracks/video-processing.track.ts'

// What this worker consists of: which flows it runs, who does their tasks, and where. Everything else in this folder stands on it.
// Tasks of your own: their contracts go into registry.ts, their handlers into `createHandlers`; the compiler says what is missing.

/** Every track this worker runs, by its name. */
export const tracks = {
  MediaImportTrack: mediaImportTrack,
  AudioProcessingTrack: audioProcessingTrack,
  TranslatedAudioTrack: translatedAudioTrack,
  ReviewedAudioTrack: reviewedAudioTrack,
  VideoProcessingTrack: videoProcessingTrack,
  MediaProcessingTrack: mediaProcessingTrack,
  CompositeAudioProcessing: compositeAudioProcessingTrack,
} as const

/** Every orchestrator this worker runs, by its name. */
export const orchestrators = { VoiceConversion: voiceConversion, TranslatedDubbing: translatedDubbing, ReviewedVoiceConversion: reviewedVoiceConversion } as const

/** What the handlers work with. */
export interface Tools {
  readonly ffmpeg: Ffmpeg
  readonly storage: Storage
  /** Where each attempt makes its own files. */
  readonly temporaryFolder: string
  /** Threads of each H.264 encoder; 0: as many as ffmpeg sees fit. Default 1: parts of a video share one machine. */
  readonly encoderThreads?: number
  /** Hosted services that hear, speak and translate. Default: none, so that nothing leaves this machine. */
  readonly speech?: SpeechServices | undefined
  /** Where pocketsphinx is looked for, as in `PATH`. */
  readonly searchPath: string
}

/** Who does the tasks. Each of hearing and speaking is a hosted service's where there is a key, else what needs no account. */
export function createHandlers({ speech = {}, searchPath, ...tools }: Tools): TaskHandlers<Registry> {
  const { ffmpeg, storage } = tools
  const media = createMediaHandlers({
    ...tools,
    speechToText: speech.deepgram ? createDeepgram(speech.deepgram) : createSpeechLadder([createRecordedSpeech(storage), createPocketsphinx({ ffmpeg, searchPath })]),
    textToSpeech: speech.elevenLabs ? createElevenLabs(speech.elevenLabs) : createFlite(),
  })
  return { ...media, translate_segments: speech.translator ? createTranslateSegmentsHandler(speech.translator) : refuseToTranslate }
}

function refuseToTranslate(): never {
  throw new TerminalError(noTranslator, { code: 'task_failed' })
}

/** Said where a translation is asked for and nobody translates. */
export const noTranslator = 'Nobody translates here: set TRANSLATOR_API_KEY and TRANSLATOR_MODEL (and TRANSLATOR_BASE_URL for another service than OpenAI)'

type Placed = keyof Registry | keyof typeof tracks | keyof typeof orchestrators

/** Where things run on Trigger.dev, and beside how many of their kind. What is not named, tracks among them, runs on a `small-1x`. */
export function placementOf({ transcodeConcurrency, flowConcurrency }: Pick<Environment, 'transcodeConcurrency' | 'flowConcurrency'>): Readonly<Partial<Record<Placed, Overrides>>> {
  return {
    // An orchestrator only waits. Where waiting runs keep their slots, too many of them would leave none for what they wait for.
    VoiceConversion: { queue: { concurrencyLimit: flowConcurrency } },
    TranslatedDubbing: { queue: { concurrencyLimit: flowConcurrency } },
    ReviewedVoiceConversion: { queue: { concurrencyLimit: flowConcurrency } },
    // The work of an encoder: processors.
    transcode_video_segment: { machine: 'medium-2x', queue: { concurrencyLimit: transcodeConcurrency } },
    // A voice has a quota, and one tenant's long film must not keep the others waiting: two at once for each tenant.
    elevenlabs_text_to_speech_batch: { machine: 'medium-1x', queue: { concurrencyLimit: 2 }, concurrencyKey: 'tenantId' },
    translate_segments: { queue: { concurrencyLimit: 4 }, concurrencyKey: 'tenantId' },
    deepgram_speech_to_text: { machine: 'medium-1x', queue: { concurrencyLimit: 4 }, concurrencyKey: 'tenantId' },
    // Whole files pass through these: memory for ffmpeg and what the system keeps of the files.
    media_import: { machine: 'small-2x' },
    media_audio_extract: { machine: 'small-2x' },
    combine_audio_segments: { machine: 'medium-1x' },
    video_strip_audios: { machine: 'small-2x' },
    split_video: { machine: 'small-2x' },
    combine_video_segments: { machine: 'small-2x' },
    merge_audio_video: { machine: 'small-2x' },
  }
}
