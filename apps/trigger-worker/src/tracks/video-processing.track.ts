import { conversionInput } from '../conversion-options.ts'
import { defineTrack } from '../registry.ts'

/** From any video to one silent H.264 MP4, encoded in parts side by side. Takes `{ url }` and the options of a conversion. */
export const videoProcessingTrack = defineTrack({
  name: 'VideoProcessingTrack',
  enableSupabaseLogging: true,
  input: conversionInput,
  tasks: [
    { taskName: 'video_strip_audios', inputMapper: ({ url }) => ({ url }) },
    { taskName: 'split_video', inputMapper: (video, { parts }) => ({ ...video, partCount: parts }) },
    { taskName: 'transcode_video_segments', inputMapper: (split, { crf, height }) => ({ ...split, crf, ...(height !== undefined && { outputHeight: height }) }) },
    { taskName: 'combine_video_segments' },
  ],
})
