import { transcodeVideoSegment, transcodeVideoSegments } from '@track-orchestrator/registry/media'
import { handlerOf, type MediaHandler } from '../media-tools.ts'
import { throwIfStopped } from '../ffmpeg/stop.ts'

/** Makes H.264 of every part, each as a task of its own: side by side, and tried again alone. */
export function createTranscodeVideoSegmentsHandler(): MediaHandler<typeof transcodeVideoSegments> {
  return handlerOf(transcodeVideoSegments, async (input, context) => {
    throwIfStopped(context.signal)
    const { durationSeconds, frameCount, frameRate, variableFrameRate, width, height, rotationDegrees } = input
    const video = { durationSeconds, frameCount, frameRate, variableFrameRate, width, height, rotationDegrees }
    const { parts, concurrency, crf, preset, outputHeight, storageName, timeoutMs } = input
    const options = {
      ...{ crf, preset },
      ...(outputHeight !== undefined && { outputHeight }),
      ...(storageName !== undefined && { storageName }),
      ...(timeoutMs !== undefined && { timeoutMs }),
    }
    const calls = parts.map((part) => ({ task: transcodeVideoSegment, input: { part, video, ...options } }))
    const made = await context.runTasks(calls, concurrency === undefined ? {} : { concurrency })
    return { ...video, parts: made.map(({ part }) => part), files: made.flatMap(({ files }) => files) }
  })
}
