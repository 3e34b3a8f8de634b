import { z } from 'zod'
import { defineTask } from '../task-contract.ts'
import { commonOptions, mediaUrl, storedFile } from './stored-file.ts'
import { seconds } from './timeline.ts'

/** Puts sound under a picture: the picture copied, the sound as AAC, cut or filled with silence to the picture's length. */
export const mergeAudioVideo = defineTask({
  name: 'merge_audio_video',
  description: 'Puts a sound track under a video: one MP4, ready to stream.',
  input: z.object({
    audioUrl: mediaUrl,
    videoUrl: mediaUrl,
    /** Handed on, so that the result tells where its subtitles are. */
    srtUrl: mediaUrl.optional(),
    /** Kilobits a second, 64 to 256. Default 192. */
    audioBitrateKbps: z.int().min(64).max(256).default(192),
    ...commonOptions,
  }),
  output: z.object({
    url: mediaUrl,
    files: z.array(storedFile),
    durationSeconds: seconds,
    srtUrl: mediaUrl.optional(),
  }),
  timeoutMs: 3_600_000,
})
