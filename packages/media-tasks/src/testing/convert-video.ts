import { createTestContext, type TestContext, type TestContextOptions } from '@track-orchestrator/registry/testing'
import { combineVideoSegments, mergeAudioVideo, splitVideo, transcodeVideoSegments, videoStripAudios } from '@track-orchestrator/registry/media'
import type { TaskInput, TaskOutput } from '@track-orchestrator/registry'
import type { TaskRegistry, VideoPart } from '@track-orchestrator/registry/media'
import type { MediaTools } from '../media-tools.ts'
import { videoHandlers } from './video-handlers.ts'

type Out<N extends keyof TaskRegistry> = TaskOutput<TaskRegistry, N>

/** What each step of the video track answered. */
export interface ConvertedVideo {
  readonly stripped: Out<'video_strip_audios'>
  readonly split: Out<'split_video'>
  readonly transcoded: Out<'transcode_video_segments'>
  readonly combined: Out<'combine_video_segments'>
  readonly context: TestContext
}

export interface ConvertOptions {
  readonly split?: Omit<TaskInput<TaskRegistry, 'split_video'>, 'videoUrl'>
  readonly transcode?: Pick<TaskInput<TaskRegistry, 'transcode_video_segments'>, 'crf' | 'preset' | 'outputHeight' | 'concurrency'>
  readonly context?: TestContextOptions
  /** Changes the parts before they are encoded. */
  readonly between?: (parts: readonly VideoPart[]) => VideoPart[]
}

/** The video track without an engine: each task's output is the next one's input, as it is. */
export async function convertVideo(tools: MediaTools, url: string, options: ConvertOptions = {}): Promise<ConvertedVideo> {
  const context = createTestContext({ ...options.context, handlers: videoHandlers(tools) })
  const [stripped] = await context.runTasks([{ task: videoStripAudios, input: { url } }])
  const [split] = await context.runTasks([{ task: splitVideo, input: { ...stripped!, ...options.split } }])
  const [transcoded] = await context.runTasks([{ task: transcodeVideoSegments, input: { ...split!, ...(options.between && { parts: options.between(split!.parts) }), concurrency: 2, preset: 'ultrafast', ...options.transcode } }])
  const [combined] = await context.runTasks([{ task: combineVideoSegments, input: transcoded! }])
  return { stripped: stripped!, split: split!, transcoded: transcoded!, combined: combined!, context }
}

/** The final task of the flow. */
export async function mergeSound(tools: MediaTools, audioUrl: string, videoUrl: string): Promise<Out<'merge_audio_video'>> {
  const [merged] = await createTestContext({ handlers: videoHandlers(tools) }).runTasks([{ task: mergeAudioVideo, input: { audioUrl, videoUrl } }])
  return merged!
}
