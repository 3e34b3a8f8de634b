import type { TaskHandlers } from '@track-orchestrator/registry'
import type { TaskRegistry } from '@track-orchestrator/registry/media'
import { mediaTools, type ListeningOptions, type SpeakingOptions } from './media-tools.ts'
import { createCombineAudioSegmentsHandler } from './tasks/combine-audio-segments.ts'
import { createCombineVideoSegmentsHandler } from './tasks/combine-video-segments.ts'
import { createConvertJsonToSrtHandler } from './tasks/convert-json-to-srt.ts'
import { createDeepgramSpeechToTextHandler } from './tasks/deepgram-speech-to-text.ts'
import { createElevenlabsTextToSpeechBatchHandler } from './tasks/elevenlabs-text-to-speech-batch.ts'
import { createMediaAudioExtractHandler } from './tasks/media-audio-extract.ts'
import { createMediaImportHandler } from './tasks/media-import.ts'
import { createMediaProbeHandler } from './tasks/media-probe.ts'
import { createMediaThumbnailHandler } from './tasks/media-thumbnail.ts'
import { createMergeAudioVideoHandler } from './tasks/merge-audio-video.ts'
import { createSplitSrtIntoSegmentsHandler } from './tasks/split-srt-into-segments.ts'
import { createSplitVideoHandler } from './tasks/split-video.ts'
import { createTranscodeVideoSegmentHandler } from './tasks/transcode-video-segment.ts'
import { createTranscodeVideoSegmentsHandler } from './tasks/transcode-video-segments.ts'
import { createVerifyOutputHandler } from './tasks/verify-output.ts'
import { createVideoStripAudiosHandler } from './tasks/video-strip-audios.ts'

/** What the handlers of all media tasks are made with. */
export interface MediaHandlersOptions extends ListeningOptions, SpeakingOptions {}

/** A handler for every media task. Each can be had alone, too: `createMediaThumbnailHandler` and its like. Throws `DefinitionError`. */
export function createMediaHandlers(options: MediaHandlersOptions): TaskHandlers<TaskRegistry> {
  const tools = mediaTools('createMediaHandlers', options, 'speechToText', 'textToSpeech')
  const { speechToText, textToSpeech } = options
  return {
    media_import: createMediaImportHandler(tools),
    media_audio_extract: createMediaAudioExtractHandler(tools),
    deepgram_speech_to_text: createDeepgramSpeechToTextHandler({ ...tools, speechToText }),
    convert_json_to_srt: createConvertJsonToSrtHandler(tools),
    split_srt_into_segments: createSplitSrtIntoSegmentsHandler(),
    elevenlabs_text_to_speech_batch: createElevenlabsTextToSpeechBatchHandler({ ...tools, textToSpeech }),
    combine_audio_segments: createCombineAudioSegmentsHandler(tools),
    video_strip_audios: createVideoStripAudiosHandler(tools),
    split_video: createSplitVideoHandler(tools),
    transcode_video_segments: createTranscodeVideoSegmentsHandler(),
    transcode_video_segment: createTranscodeVideoSegmentHandler(tools),
    combine_video_segments: createCombineVideoSegmentsHandler(tools),
    merge_audio_video: createMergeAudioVideoHandler(tools),
    media_thumbnail: createMediaThumbnailHandler(tools),
    media_probe: createMediaProbeHandler(tools),
    verify_output: createVerifyOutputHandler(tools),
  }
}
