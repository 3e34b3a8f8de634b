import { tasks, type StoredFile } from '@track-orchestrator/registry/media'
import { expectTypeOf, test } from 'vitest'
import { forRegistry } from './for-registry.ts'
import type { OrchestratorOutputOf, OrchestratorInputOf } from './orchestrator.ts'

test('the flagship flow wires over the media tasks without a mapper between them', () => {
  const { defineTrack, defineOrchestrator } = forRegistry(tasks)
  const audio = defineTrack({
    name: 'AudioProcessingTrack',
    tasks: [
      { taskName: 'media_audio_extract' },
      { taskName: 'deepgram_speech_to_text' },
      { taskName: 'convert_json_to_srt' },
      { taskName: 'split_srt_into_segments' },
      { taskName: 'elevenlabs_text_to_speech_batch' },
      { taskName: 'combine_audio_segments' },
    ],
  })
  const video = defineTrack({
    name: 'VideoProcessingTrack',
    tasks: [{ taskName: 'video_strip_audios' }, { taskName: 'split_video' }, { taskName: 'transcode_video_segments' }, { taskName: 'combine_video_segments' }],
  })
  const both = defineOrchestrator({
    name: 'VideoAudioOrchestrator',
    tracks: [audio, video],
    finalTask: {
      taskName: 'merge_audio_video',
      inputMapper: ({ AudioProcessingTrack, VideoProcessingTrack }) => ({ audioUrl: AudioProcessingTrack.finalAudio, videoUrl: VideoProcessingTrack.finalVideo }),
    },
  })
  expectTypeOf<OrchestratorInputOf<typeof both>['url']>().toEqualTypeOf<string>()
  expectTypeOf<OrchestratorOutputOf<typeof both>['files']>().toEqualTypeOf<StoredFile[]>()
})
