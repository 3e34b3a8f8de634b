import { TerminalError, TracksError, type TaskHandler } from '@track-orchestrator/registry'
import type { mergeAudioVideo } from '@track-orchestrator/registry/media'
import { measureVideo } from '../ffmpeg/measure-video.ts'
import { probeMedia, requireAudio, requireVideo } from '../ffmpeg/probe-media.ts'
import type { MediaTools } from '../media-tools.ts'
import { requireFrames } from '../video/frames-lost.ts'
import { openVideo } from '../video/open-video.ts'
import { withWorkspace } from '../workspace.ts'
import { trackTimescale } from './transcode-video-segment.ts'

/** Pictures that MP4 players know (MP4 Registration Authority, "Codecs"). */
const mp4Codecs: ReadonlySet<string> = new Set(['h264', 'hevc', 'av1', 'vp9', 'mpeg4'])

/** Puts sound under a picture, exactly as long as the picture, and checks that it came out so. */
export function createMergeAudioVideoHandler(tools: MediaTools): TaskHandler<typeof mergeAudioVideo> {
  return (input, context) =>
    withWorkspace(tools, context, input, async (workspace) => {
      const { signal } = workspace
      const options = { signal, limits: tools.limits }
      const { path, stream, timing } = await openVideo(tools, workspace, input.videoUrl)
      if (!mp4Codecs.has(stream.codec)) {
        throw new TerminalError(`The picture is ${stream.codec}, which cannot be copied into MP4: run it through transcode_video_segments first`, {
          code: 'media/format_refused',
        })
      }
      const soundPath = await workspace.open(input.audioUrl)
      const sound = requireAudio(await probeMedia(tools.ffmpeg, soundPath, options))
      const { durationSeconds, frameCount } = timing
      const output = 'merged.mp4'
      await workspace.ffmpeg(
        {
          what: 'put the sound under the picture',
          inputs: [{ path }, { path: soundPath }],
          options: [
            ...['-map', `0:v:${stream.index}`, '-map', `1:a:${sound.index}`, '-c:v', 'copy', '-map_metadata', '-1'],
            ...['-af', `aresample=48000,apad,atrim=end=${durationSeconds.toFixed(6)}`],
            ...['-c:a', 'aac', '-b:a', `${input.audioBitrateKbps}k`, '-ar', '48000'],
            ...['-video_track_timescale', String(trackTimescale), '-movflags', '+faststart', '-f', 'mp4'],
          ],
          output,
        },
        { durationSeconds, to: 0.9 },
      )

      const merged = workspace.path(output)
      const frame = durationSeconds / frameCount
      const copied = await measureVideo(tools.ffmpeg, merged, { ...stream, index: 0 }, { signal })
      requireFrames('The merged video', frameCount, copied.frameCount)
      const facts = await probeMedia(tools.ffmpeg, merged, options)
      const [videoStart, audioStart] = [requireVideo(facts).startSeconds, requireAudio(facts).startSeconds]
      const audioLength = requireAudio(facts).durationSeconds ?? 0
      if (Math.abs(videoStart) > frame || Math.abs(audioStart) > frame || Math.abs(audioLength - durationSeconds) > frame) {
        throw new TracksError(
          `The merged streams do not cover each other: picture from ${videoStart} s for ${durationSeconds} s, sound from ${audioStart} s for ${audioLength} s`,
          { code: 'media/ffmpeg_failed', retryable: false },
        )
      }
      const file = await workspace.store(merged, { format: 'mp4', contentType: 'video/mp4', durationSeconds })
      return { url: file.url, files: [file], durationSeconds, ...(input.srtUrl !== undefined && { srtUrl: input.srtUrl }) }
    })
}
