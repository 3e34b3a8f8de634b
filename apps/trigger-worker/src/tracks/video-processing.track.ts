import { defineTrack } from '../registry.ts'

/** From any video to one silent H.264 MP4, encoded in parts side by side. Takes `{ url }`. */
export const videoProcessingTrack = defineTrack({
  name: 'VideoProcessingTrack',
  enableSupabaseLogging: true,
  tasks: [
    { taskName: 'video_strip_audios' },
    { taskName: 'split_video' },
    { taskName: 'transcode_video_segments' },
    { taskName: 'combine_video_segments' },
  ],
})
