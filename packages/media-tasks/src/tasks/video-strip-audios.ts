import { videoStripAudios, type MediaFacts } from '@track-orchestrator/registry/media'
import { commonClock } from '../audio/common-clock.ts'
import { measureVideo, type VideoTiming } from '../ffmpeg/measure-video.ts'
import { handlerOf, type MediaHandler, type MediaOptions, mediaTools } from '../media-tools.ts'
import { fitsMatroska } from '../video/copied-picture.ts'
import { factsOfVideo } from '../video/facts-of-video.ts'
import { requireFrames } from '../video/frames-lost.ts'
import { openVideo, type OpenVideo } from '../video/open-video.ts'
import { joinedNotes } from '../video/picture-notes.ts'
import { withWorkspace } from '../workspace.ts'

/**
 * Copies the picture into Matroska, its first frame at 0. Matroska loses the display matrix: `rotationDegrees` hands it on.
 * Where an edit list hides frames at the beginning, which Matroska cannot, where frames have no times, or where Matroska cannot hold the codec, the picture is encoded again, near to lossless.
 */
export function createVideoStripAudiosHandler(options: MediaOptions): MediaHandler<typeof videoStripAudios> {
  const tools = mediaTools('createVideoStripAudiosHandler', options)
  return handlerOf(videoStripAudios, (input, context) =>
    withWorkspace(tools, context, input, async (workspace) => {
      const source = await openVideo(tools, workspace, input.url)
      const { path, stream, timing, facts } = source
      const measuring = { signal: workspace.signal, limits: tools.limits }
      const clock = await commonClock(tools.ffmpeg, path, facts, timing, measuring)
      const output = 'video.mkv'
      const made = await workspace.ffmpeg(
        { what: 'copy the picture', inputs: [{ path, options: clockOptions(source) }], options: copyOptions(source), output },
        { durationSeconds: timing.durationSeconds, to: 0.9 },
      )

      const codec = isCopied(source) ? stream.codec : 'h264'
      // As many pictures were written as had been found: then they are those. Else, as with VP8, which has some that are never shown, it is looked up.
      const isWhole = isCopied(source) && made.frameCount === timing.frameCount
      const copied = isWhole ? { ...timing, firstSeconds: 0 } : await measureVideo(tools.ffmpeg, workspace.path(output), { index: 0, codec, frameRate: timing.frameRate }, measuring)
      requireFrames('The copied picture', timing.frameCount, copied.frameCount)
      const file = await workspace.store(workspace.path(output), {
        format: 'mkv',
        contentType: 'video/x-matroska',
        durationSeconds: copied.durationSeconds,
        kept: isCopied(source) ? { facts: factsOfCopy(source, copied), timing: copied, stream: 0 } : undefined,
      })
      return { videoUrl: file.url, files: [file], ...factsOfVideo(stream, copied, clock), ...joinedNotes(source.notes, notesOn(source)) }
    }),
  )
}

const encodedNote = 'The video does not tell when its pictures are shown, or hides some: it was encoded once more, near to lossless.'
const unfitNote = 'The video is in a codec that Matroska cannot hold: it was encoded once more, near to lossless.'

/** What is known of the picture alone, also what Matroska cannot say of it. */
function factsOfCopy({ stream, facts }: OpenVideo, { durationSeconds, firstSeconds }: VideoTiming): MediaFacts {
  const picture = { ...stream, index: 0, startSeconds: firstSeconds, durationSeconds, isDefault: true }
  return { container: 'matroska,webm', sizeBytes: facts.sizeBytes, durationSeconds, video: [picture], audio: [], subtitleCount: 0 }
}

function isCopied({ timing, stream }: OpenVideo): boolean {
  return timing.cutOffCount === 0 && timing.hasPacketTimes && fitsMatroska(stream)
}

function notesOn(source: OpenVideo): string[] {
  if (isCopied(source)) return []
  return [fitsMatroska(source.stream) ? encodedNote : unfitNote]
}

/** The clock is moved by the first picture's time, not by ffmpeg's own idea of the file's start, in which the sound has a say. */
function clockOptions({ timing }: OpenVideo): string[] {
  return ['-noautorotate', '-itsoffset', String(-timing.firstSeconds)]
}

function copyOptions(source: OpenVideo): string[] {
  const { stream } = source
  const only = ['-copyts', '-map', `0:v:${stream.index}`, '-an', '-sn', '-dn', '-map_metadata', '-1', '-map_chapters', '-1']
  const codec =
    isCopied(source)
      ? ['-c:v', 'copy']
      : ['-vsync', 'passthrough', '-c:v', 'libx264', '-preset', 'veryfast', '-crf', '12', '-force_key_frames', 'expr:gte(t,n_forced*2)']
  return [...only, ...codec, '-f', 'matroska']
}
