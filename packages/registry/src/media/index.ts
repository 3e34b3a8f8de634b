import { defineRegistry } from '../registry.ts'
import { combineAudioSegments } from './combine-audio-segments.ts'
import { combineVideoSegments } from './combine-video-segments.ts'
import { convertJsonToSrt } from './convert-json-to-srt.ts'
import { deepgramSpeechToText } from './deepgram-speech-to-text.ts'
import { elevenlabsTextToSpeechBatch } from './elevenlabs-text-to-speech-batch.ts'
import { mediaAudioExtract } from './media-audio-extract.ts'
import { mediaImport } from './media-import.ts'
import { mediaProbe } from './media-probe.ts'
import { mediaThumbnail } from './media-thumbnail.ts'
import { mergeAudioVideo } from './merge-audio-video.ts'
import { splitSrtIntoSegments } from './split-srt-into-segments.ts'
import { splitVideo } from './split-video.ts'
import { transcodeVideoSegment } from './transcode-video-segment.ts'
import { transcodeVideoSegments } from './transcode-video-segments.ts'
import { verifyOutput } from './verify-output.ts'
import { videoStripAudios } from './video-strip-audios.ts'

export { combineAudioSegments } from './combine-audio-segments.ts'
export type { CueReport } from './combine-audio-segments.ts'
export { combineVideoSegments } from './combine-video-segments.ts'
export { convertJsonToSrt } from './convert-json-to-srt.ts'
export { deepgramSpeechToText } from './deepgram-speech-to-text.ts'
export { elevenlabsTextToSpeechBatch } from './elevenlabs-text-to-speech-batch.ts'
export { mediaAudioExtract } from './media-audio-extract.ts'
export type { MediaErrorCode } from './media-error-code.ts'
export { mediaImport } from './media-import.ts'
export { mediaProbe } from './media-probe.ts'
export type { MediaFacts } from './media-probe.ts'
export { mediaThumbnail } from './media-thumbnail.ts'
export { mergeAudioVideo } from './merge-audio-video.ts'
export type { SpeechSegment, SpokenSegment } from './speech-segment.ts'
export { splitSrtIntoSegments } from './split-srt-into-segments.ts'
export { splitVideo } from './split-video.ts'
export type { StoredFile } from './stored-file.ts'
export { transcodeVideoSegment } from './transcode-video-segment.ts'
export { transcodeVideoSegments } from './transcode-video-segments.ts'
export type { Transcript, TranscriptWord } from './transcript.ts'
export { translateSegments } from './translate-segments.ts'
export { verifyOutput } from './verify-output.ts'
export type { HeardUnit, OutputCheck, OutputReport, SubtitleViolation } from './verify-output.ts'
export type { VideoFacts, VideoPart } from './video-part.ts'
export { videoStripAudios } from './video-strip-audios.ts'

/** The catalogue of media tasks. Each output holds what the next input of the flagship flow needs: no mapper between them. */
export const tasks = defineRegistry({
  media_import: mediaImport,
  media_audio_extract: mediaAudioExtract,
  deepgram_speech_to_text: deepgramSpeechToText,
  convert_json_to_srt: convertJsonToSrt,
  split_srt_into_segments: splitSrtIntoSegments,
  elevenlabs_text_to_speech_batch: elevenlabsTextToSpeechBatch,
  combine_audio_segments: combineAudioSegments,
  video_strip_audios: videoStripAudios,
  split_video: splitVideo,
  transcode_video_segments: transcodeVideoSegments,
  transcode_video_segment: transcodeVideoSegment,
  combine_video_segments: combineVideoSegments,
  merge_audio_video: mergeAudioVideo,
  media_thumbnail: mediaThumbnail,
  media_probe: mediaProbe,
  verify_output: verifyOutput,
})
export type TaskRegistry = typeof tasks
export type TaskName = keyof TaskRegistry
