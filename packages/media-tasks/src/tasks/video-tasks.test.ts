import {
  combineVideoSegments,
  mediaProbe,
  mediaThumbnail,
  mergeAudioVideo,
  splitVideo,
  transcodeVideoSegment,
  transcodeVideoSegments,
  videoStripAudios,
} from '@track-orchestrator/registry/media'
import { taskSuite } from '@track-orchestrator/registry/testing'
import { afterAll, beforeAll } from 'vitest'
import { convertVideo, type ConvertedVideo } from '../testing/convert-video.ts'
import { makeClip } from '../testing/make-clip.ts'
import { openTestTools, type TestTools } from '../testing/test-tools.ts'
import { videoHandlers } from '../testing/video-handlers.ts'
import { createCombineVideoSegmentsHandler } from './combine-video-segments.ts'
import { createMediaProbeHandler } from './media-probe.ts'
import { createMediaThumbnailHandler } from './media-thumbnail.ts'
import { createMergeAudioVideoHandler } from './merge-audio-video.ts'
import { createSplitVideoHandler } from './split-video.ts'
import { createTranscodeVideoSegmentHandler } from './transcode-video-segment.ts'
import { createTranscodeVideoSegmentsHandler } from './transcode-video-segments.ts'
import { createVideoStripAudiosHandler } from './video-strip-audios.ts'

let media: TestTools
let made: ConvertedVideo
let url: string

beforeAll(async () => {
  media = await openTestTools()
  await makeClip(media.tools.ffmpeg, media.clipPath('clip.webm'), { durationSeconds: 4 })
  url = media.clipUrl('clip.webm')
  made = await convertVideo(media.tools, url)
})
afterAll(() => media.close())

const tools = () => media.tools

taskSuite({
  contract: mediaProbe,
  heedsSignal: true,
  handler: () => createMediaProbeHandler(tools()),
  examples: { 'a WebM': () => ({ url }) },
  refuses: {
    'no URL': { input: {}, path: 'url' },
    'a time limit below a second': { input: { url: 'file:///a', timeoutMs: 10 }, path: 'timeoutMs' },
  },
})

taskSuite({
  contract: mediaThumbnail,
  heedsSignal: true,
  handler: () => createMediaThumbnailHandler(tools()),
  examples: { defaults: () => ({ url }), 'a PNG at a moment': () => ({ url, format: 'png' as const, atSeconds: 1, width: 100, storageName: 'cover' }) },
  refuses: {
    'a moment before the beginning': { input: { url: 'file:///a', atSeconds: -1 }, path: 'atSeconds' },
    'a name with a slash': { input: { url: 'file:///a', storageName: '../a' }, path: 'storageName' },
  },
})

taskSuite({
  contract: videoStripAudios,
  heedsSignal: true,
  handler: () => createVideoStripAudiosHandler(tools()),
  examples: { 'a WebM': () => ({ url }) },
  refuses: { 'an empty URL': { input: { url: '' }, path: 'url' } },
})

taskSuite({
  contract: splitVideo,
  heedsSignal: true,
  handler: () => createSplitVideoHandler(tools()),
  examples: {
    'a stripped video': () => made.stripped,
    'a video that nobody has measured': () => ({ videoUrl: url }),
    'exact parts': () => ({ ...made.stripped, splitMode: 'exact' as const, partCount: 3, minPartSeconds: 0 }),
  },
  refuses: {
    'no parts at all': { input: { videoUrl: 'file:///a', partCount: 0 }, path: 'partCount' },
    'a frame rate that is no fraction': { input: { videoUrl: 'file:///a', frameRate: '0/0' }, path: 'frameRate' },
  },
})

taskSuite({
  contract: transcodeVideoSegment,
  heedsSignal: true,
  handler: () => createTranscodeVideoSegmentHandler(tools()),
  examples: { 'one part': () => ({ part: made.split.parts[0]!, video: made.stripped, preset: 'ultrafast' as const }) },
  refuses: {
    'a preset that x264 has not': { input: { preset: 'placebo' }, path: 'preset' },
    'an odd height': { input: { outputHeight: 181 }, path: 'outputHeight' },
  },
})

taskSuite({
  contract: transcodeVideoSegments,
  heedsSignal: true,
  handler: () => createTranscodeVideoSegmentsHandler(),
  context: () => ({ handlers: videoHandlers(tools()) }),
  examples: { 'all parts': () => ({ ...made.split, preset: 'ultrafast' as const, outputHeight: 120 }) },
  refuses: { 'an empty list of parts': { input: { parts: [] }, path: 'parts' } },
})

taskSuite({
  contract: combineVideoSegments,
  heedsSignal: true,
  handler: () => createCombineVideoSegmentsHandler(tools()),
  examples: { 'all parts': () => made.transcoded },
  refuses: { 'a part without a URL': { input: { parts: [{ index: 0, startSeconds: 0, durationSeconds: 1, frameCount: 1 }] }, path: 'parts.0.url' } },
})

taskSuite({
  contract: mergeAudioVideo,
  heedsSignal: true,
  handler: () => createMergeAudioVideoHandler(tools()),
  examples: { 'sound and picture': () => ({ audioUrl: url, videoUrl: made.combined.finalVideo, srtUrl: 'file:///kept.srt' }) },
  refuses: { 'no sound': { input: { videoUrl: 'file:///a' }, path: 'audioUrl' } },
})
