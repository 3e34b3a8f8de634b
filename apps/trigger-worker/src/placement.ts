import type { TaskName } from '@track-orchestrator/registry/media'
import type { Overrides } from '@track-orchestrator/trigger-engine'
import type { orchestrators } from './definitions.ts'
import type { Environment } from './environment.ts'

/** Where the tasks run on Trigger.dev, and beside how many of their kind. What is not named here, tracks among them, runs on a `small-1x`. */
export function placementOf({ transcodeConcurrency, flowConcurrency }: Pick<Environment, 'transcodeConcurrency' | 'flowConcurrency'>): Readonly<Partial<Record<TaskName | keyof typeof orchestrators, Overrides>>> {
  return {
    // An orchestrator only waits. Where waiting runs keep their slots, too many of them would leave none for what they wait for.
    VoiceConversion: { queue: { concurrencyLimit: flowConcurrency } },
    // The work of an encoder: processors.
    transcode_video_segment: { machine: 'medium-2x', queue: { concurrencyLimit: transcodeConcurrency } },
    // A voice has a quota, and one tenant's long film must not keep the others waiting: two at once for each tenant.
    elevenlabs_text_to_speech_batch: { machine: 'medium-1x', queue: { concurrencyLimit: 2 }, concurrencyKey: 'tenantId' },
    deepgram_speech_to_text: { machine: 'medium-1x', queue: { concurrencyLimit: 4 }, concurrencyKey: 'tenantId' },
    // Whole files pass through these: memory for ffmpeg and what the system keeps of the files.
    media_audio_extract: { machine: 'small-2x' },
    combine_audio_segments: { machine: 'medium-1x' },
    video_strip_audios: { machine: 'small-2x' },
    split_video: { machine: 'small-2x' },
    combine_video_segments: { machine: 'small-2x' },
    merge_audio_video: { machine: 'small-2x' },
  }
}
