import { forRegistry } from '@track-orchestrator/core'
import { defineRegistry, defineTask } from '@track-orchestrator/registry'
import { z } from 'zod'
import type { Work } from './cloud-engine.ts'

const any = z.looseObject({})
const task = <const Name extends string>(name: Name, inline = false) => defineTask({ name, input: any, output: any, placement: { inline } })

/**
 * What the steps of the flagship took for the bundled sample (30 seconds of video, 10 parts), recorded by `npm run demo` on two cores, 26 November
 * 2026, in milliseconds. Deepgram and ElevenLabs are assumed: there the demo has a recorded transcript and flite.
 */
export const recordedMs: Readonly<Record<string, Work>> = {
  media_import: { ms: 387 },
  media_audio_extract: { ms: 596 },
  deepgram_speech_to_text: { ms: 3_000 },
  convert_json_to_srt: { ms: 25 },
  split_srt_into_segments: { ms: 8 },
  elevenlabs_text_to_speech_batch: { ms: 6_000 },
  combine_audio_segments: { ms: 6_500 },
  video_strip_audios: { ms: 966 },
  split_video: { ms: 491 },
  transcode_video_segments: { ms: 100, children: Array.from({ length: 10 }, () => 1_900) },
  combine_video_segments: { ms: 311 },
  merge_audio_video: { ms: 2_600 },
}

/** The flagship as it stands in apps/trigger-worker, with tasks that take and give anything. */
export const tasks = defineRegistry({
  media_import: task('media_import'),
  media_audio_extract: task('media_audio_extract'),
  deepgram_speech_to_text: task('deepgram_speech_to_text'),
  convert_json_to_srt: task('convert_json_to_srt', true),
  split_srt_into_segments: task('split_srt_into_segments', true),
  elevenlabs_text_to_speech_batch: task('elevenlabs_text_to_speech_batch'),
  combine_audio_segments: task('combine_audio_segments'),
  video_strip_audios: task('video_strip_audios'),
  split_video: task('split_video'),
  transcode_video_segments: task('transcode_video_segments'),
  combine_video_segments: task('combine_video_segments'),
  merge_audio_video: task('merge_audio_video'),
})

const { defineTrack, defineOrchestrator } = forRegistry(tasks)
export const flagship = defineOrchestrator({
  name: 'VoiceConversion',
  tracks: [
    defineTrack({ name: 'MediaImportTrack', tasks: [{ taskName: 'media_import' }] }),
    defineTrack({
      name: 'AudioProcessingTrack',
      tasks: [{ taskName: 'media_audio_extract' }, { taskName: 'deepgram_speech_to_text' }, { taskName: 'convert_json_to_srt' }, { taskName: 'split_srt_into_segments' }, { taskName: 'elevenlabs_text_to_speech_batch' }, { taskName: 'combine_audio_segments' }],
    }),
    defineTrack({ name: 'VideoProcessingTrack', tasks: [{ taskName: 'video_strip_audios' }, { taskName: 'split_video' }, { taskName: 'transcode_video_segments' }, { taskName: 'combine_video_segments' }] }),
  ],
  trackDependencies: { AudioProcessingTrack: ['MediaImportTrack'], VideoProcessingTrack: ['MediaImportTrack'] },
  finalTask: { taskName: 'merge_audio_video', inputMapper: () => ({}) },
})
