import type { TaskHandlers } from '@track-orchestrator/registry'
import type { TaskRegistry } from '@track-orchestrator/registry/media'
import type { MediaTools } from '../media-tools.ts'
import { createCombineVideoSegmentsHandler } from '../tasks/combine-video-segments.ts'
import { createMergeAudioVideoHandler } from '../tasks/merge-audio-video.ts'
import { createSplitVideoHandler } from '../tasks/split-video.ts'
import { createTranscodeVideoSegmentHandler } from '../tasks/transcode-video-segment.ts'
import { createTranscodeVideoSegmentsHandler } from '../tasks/transcode-video-segments.ts'
import { createVideoStripAudiosHandler } from '../tasks/video-strip-audios.ts'

type VideoTask =
  | 'video_strip_audios'
  | 'split_video'
  | 'transcode_video_segments'
  | 'transcode_video_segment'
  | 'combine_video_segments'
  | 'merge_audio_video'
export type VideoHandlers = Pick<TaskHandlers<TaskRegistry>, VideoTask>

/** The handlers of the video track and its final task, by name. */
export function videoHandlers(tools: MediaTools): VideoHandlers {
  return {
    video_strip_audios: createVideoStripAudiosHandler(tools),
    split_video: createSplitVideoHandler(tools),
    transcode_video_segments: createTranscodeVideoSegmentsHandler(),
    transcode_video_segment: createTranscodeVideoSegmentHandler(tools),
    combine_video_segments: createCombineVideoSegmentsHandler(tools),
    merge_audio_video: createMergeAudioVideoHandler(tools),
  }
}
