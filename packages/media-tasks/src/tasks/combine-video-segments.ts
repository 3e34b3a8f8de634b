import { writeFile } from 'node:fs/promises'
import { TerminalError } from '@track-orchestrator/registry'
import { combineVideoSegments, type VideoPart } from '@track-orchestrator/registry/media'
import { concatFormats } from '../ffmpeg/input-gate.ts'
import { measureVideo, ownVideo } from '../ffmpeg/measure-video.ts'
import { handlerOf, type MediaHandler, type MediaOptions, mediaTools } from '../media-tools.ts'
import { readAvcConfig } from '../video/mp4-index.ts'
import { writeFfconcat } from '../video/ffconcat.ts'
import { trackTimescale } from '../video/frame-options.ts'
import { requireFrames } from '../video/frames-lost.ts'
import { joinedNotes } from '../video/picture-notes.ts'
import { withWorkspace, type Workspace } from '../workspace.ts'

/** Joins the parts, each at its own start, and counts the frames of the whole. */
export function createCombineVideoSegmentsHandler(options: MediaOptions): MediaHandler<typeof combineVideoSegments> {
  const tools = mediaTools('createCombineVideoSegmentsHandler', options)
  return handlerOf(combineVideoSegments, (input, context) =>
    withWorkspace(tools, context, input, async (workspace) => {
      const { signal } = workspace
      const parts = input.parts.toSorted((a, b) => a.index - b.index)
      const names = await openParts(workspace, parts)
      const list = workspace.path('parts.ffconcat')
      const entries = names.map((name, index) => {
        const next = parts[index + 1]
        return { name, ...(next && { durationSeconds: next.startSeconds - parts[index]!.startSeconds }) }
      })
      await writeFile(list, writeFfconcat(entries))

      const output = 'joined.mp4'
      const last = parts.at(-1)!
      await workspace.ffmpeg(
        {
          what: 'join the parts',
          inputs: [{ path: list, options: ['-f', 'concat', '-safe', '1'], formats: concatFormats }],
          options: [
            ...['-map', '0:v:0', '-c', 'copy', '-map_metadata', '-1'],
            ...['-video_track_timescale', String(trackTimescale), '-movflags', '+faststart', '-f', 'mp4'],
          ],
          output,
        },
        { durationSeconds: input.durationSeconds ?? last.startSeconds + last.durationSeconds, from: 0.3, to: 0.9 },
      )

      const joined = await measureVideo(tools.ffmpeg, workspace.path(output), ownVideo, { signal, limits: tools.limits })
      const { frameCount, durationSeconds } = joined
      requireFrames('The joined video', parts.reduce((sum, part) => sum + part.frameCount, 0), frameCount)
      const file = await workspace.store(workspace.path(output), { format: 'mp4', contentType: 'video/mp4', durationSeconds })
      return { finalVideo: file.url, files: [file], durationSeconds, frameCount, ...joinedNotes(input.notes) }
    }),
  )
}

/** Brings the parts into the folder under names of ours, and sees that one decoder set-up fits them all. */
async function openParts(workspace: Workspace, parts: readonly VideoPart[]): Promise<string[]> {
  const names: string[] = []
  let first: string | undefined
  for (const [place, part] of parts.entries()) {
    if (part.frames) throw unlike(part, 'is a range of frames, not a file')
    const name = `part-${String(place).padStart(4, '0')}.mp4`
    const config = await readAvcConfig(await workspace.open(part.url, name))
    if (config === undefined) throw unlike(part, 'is no H.264 in MP4')
    first ??= config
    if (config !== first) throw unlike(part, 'was encoded with another size or other options than the first one')
    names.push(name)
  }
  return names
}

function unlike({ index }: VideoPart, why: string): TerminalError {
  return new TerminalError(`Part ${index} cannot be joined, since it ${why}: run transcode_video_segments on all parts of the video`, {
    code: 'media/format_refused',
  })
}
