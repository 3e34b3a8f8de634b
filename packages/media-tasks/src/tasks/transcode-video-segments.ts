import type { TasksProgress } from '@track-orchestrator/registry'
import { transcodeVideoSegment, transcodeVideoSegments } from '@track-orchestrator/registry/media'
import { handlerOf, type MediaHandler } from '../media-tools.ts'
import { throwIfStopped } from '../ffmpeg/stop.ts'
import { joinedNotes } from '../video/picture-notes.ts'
import { createWorkProgress } from '../work-progress.ts'

/** Makes H.264 of every part, each as a task of its own: side by side, and tried again alone. */
export function createTranscodeVideoSegmentsHandler(): MediaHandler<typeof transcodeVideoSegments> {
  return handlerOf(transcodeVideoSegments, async (input, context) => {
    throwIfStopped(context.signal)
    const { parts, concurrency, crf, preset, outputHeight, storageName, timeoutMs, notes, ...video } = input
    const options = {
      ...{ crf, preset },
      ...(outputHeight !== undefined && { outputHeight }),
      ...(storageName !== undefined && { storageName }),
      ...(timeoutMs !== undefined && { timeoutMs }),
    }
    const calls = parts.map((part) => ({ task: transcodeVideoSegment, input: { part, video, ...options } }))
    const progress = createWorkProgress(context)
    const frames = parts.reduce((sum, { frameCount }) => sum + frameCount, 0)
    const startedAt = performance.now()
    const onProgress = ({ fraction, ended }: TasksProgress) => {
      const perSecond = (fraction * frames) / Math.max(0.001, (performance.now() - startedAt) / 1_000)
      progress.report(fraction, 'make H.264', `${ended} of ${parts.length} parts, ${Math.round(perSecond)} frames/s`)
    }
    progress.begin('make H.264')
    const made = await context.runTasks(calls, { ...(concurrency !== undefined && { concurrency }), onProgress }).finally(() => progress.end())
    return { ...video, parts: made.map(({ part }) => part), files: made.flatMap(({ files }) => files), ...joinedNotes(notes, ...made.map((each) => each.notes)) }
  })
}
