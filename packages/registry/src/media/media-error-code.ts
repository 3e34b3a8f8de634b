/** Codes of errors that media tasks throw. Few of them go away by trying again; `retryable` on the error tells. */
export type MediaErrorCode =
  | 'media/not_found'
  | 'media/empty' // zero bytes
  | 'media/not_media' // ffprobe cannot read it
  | 'media/truncated'
  | 'media/no_audio'
  | 'media/no_video'
  | 'media/too_large'
  | 'media/too_long'
  | 'media/url_refused' // a scheme or place that is not allowed
  | 'media/download_failed' // a web address did not give the file: no host, no answer, an error, too slow, cut short
  | 'media/format_refused' // a container that may reach for other files
  | 'media/srt_invalid'
  | 'media/frames_lost' // the result does not hold every frame of the source
  | 'media/ffmpeg_missing'
  | 'media/ffmpeg_failed'
  | 'media/no_speech_to_text' // nobody here can listen
  | 'media/package_missing' // a package that only a part of us needs is not installed
  | 'media/voice_unknown'
  | 'media/text_unspoken' // the voice cannot say it: another script than it reads
