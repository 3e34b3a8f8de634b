import { tmpdir } from 'node:os'
import type { TaskHandlers } from '@track-orchestrator/registry'
import type { TaskRegistry } from '@track-orchestrator/registry/media'
import { checkOptions, objectWith, required, text, wholeNumber, type RulesOf } from '@track-orchestrator/registry/options'
import { downloadRules, type DownloadOptions } from './download/download-rules.ts'
import { mediaLimits, type MediaLimits } from './media-limits.ts'
import type { MediaTools } from './media-tools.ts'
import { createCombineAudioSegmentsHandler } from './tasks/combine-audio-segments.ts'
import { createCombineVideoSegmentsHandler } from './tasks/combine-video-segments.ts'
import { createConvertJsonToSrtHandler } from './tasks/convert-json-to-srt.ts'
import { createDeepgramSpeechToTextHandler } from './tasks/deepgram-speech-to-text.ts'
import { createElevenlabsTextToSpeechBatchHandler } from './tasks/elevenlabs-text-to-speech-batch.ts'
import { createMediaAudioExtractHandler } from './tasks/media-audio-extract.ts'
import { createMediaProbeHandler } from './tasks/media-probe.ts'
import { createMediaThumbnailHandler } from './tasks/media-thumbnail.ts'
import { createMergeAudioVideoHandler } from './tasks/merge-audio-video.ts'
import { createSplitSrtIntoSegmentsHandler } from './tasks/split-srt-into-segments.ts'
import { createSplitVideoHandler } from './tasks/split-video.ts'
import { createTranscodeVideoSegmentHandler } from './tasks/transcode-video-segment.ts'
import { createTranscodeVideoSegmentsHandler } from './tasks/transcode-video-segments.ts'
import { createVideoStripAudiosHandler } from './tasks/video-strip-audios.ts'

export interface MediaHandlersOptions extends Pick<MediaTools, 'ffmpeg' | 'storage' | 'speechToText' | 'textToSpeech'> {
  /** Default: the system's folder for temporary files. Room for twice the largest input is needed. */
  readonly temporaryFolder?: string | undefined
  /** Default: `defaultLimits`. Throws `definition_invalid` out of bounds. */
  readonly limits?: { readonly [Limit in keyof MediaLimits]?: number | undefined } | undefined
  /** How inputs with `https:` URLs are fetched. Default: from public addresses only, within an hour. Throws `definition_invalid` out of bounds. */
  readonly download?: DownloadOptions | undefined
  /**
   * Threads of each H.264 encoder where a video is encoded in parts: 1 (default) on one machine, where as many parts run side by
   * side as there are cores; 0, as many as ffmpeg sees fit, where each part has a machine of its own.
   */
  readonly encoderThreads?: number | undefined
}

const rules: RulesOf<MediaHandlersOptions> = {
  ffmpeg: required(objectWith()),
  storage: required(objectWith('put', 'putIfAbsent', 'fetchToFile', 'owns', 'keyOf', 'urlOf', 'head', 'delete', 'list')),
  speechToText: required(objectWith('transcribe')),
  textToSpeech: required(objectWith('speak')),
  temporaryFolder: text({ pattern: /^[^\0]+$/, what: 'the path of a folder' }),
  limits: objectWith(),
  download: objectWith(),
  encoderThreads: wholeNumber({ from: 0, to: 1_024 }),
}

/** A handler for every media task. Throws `DefinitionError` for options that cannot be. */
export function createMediaHandlers(options: MediaHandlersOptions): TaskHandlers<TaskRegistry> {
  const { temporaryFolder = tmpdir(), limits, download, encoderThreads = 1, ...given } = checkOptions('createMediaHandlers', options, rules)
  const tools: MediaTools = { ...given, temporaryFolder, limits: mediaLimits(limits), download: downloadRules(download), encoderThreads }
  return {
    media_audio_extract: createMediaAudioExtractHandler(tools),
    deepgram_speech_to_text: createDeepgramSpeechToTextHandler(tools),
    convert_json_to_srt: createConvertJsonToSrtHandler(tools),
    split_srt_into_segments: createSplitSrtIntoSegmentsHandler(),
    elevenlabs_text_to_speech_batch: createElevenlabsTextToSpeechBatchHandler(tools),
    combine_audio_segments: createCombineAudioSegmentsHandler(tools),
    video_strip_audios: createVideoStripAudiosHandler(tools),
    split_video: createSplitVideoHandler(tools),
    transcode_video_segments: createTranscodeVideoSegmentsHandler(),
    transcode_video_segment: createTranscodeVideoSegmentHandler(tools),
    combine_video_segments: createCombineVideoSegmentsHandler(tools),
    merge_audio_video: createMergeAudioVideoHandler(tools),
    media_thumbnail: createMediaThumbnailHandler(tools),
    media_probe: createMediaProbeHandler(tools),
  }
}
