import { readFile, stat, writeFile } from 'node:fs/promises'
import { TerminalError, TracksError } from '@track-orchestrator/registry'
import { mergeAudioVideo, type StoredFile } from '@track-orchestrator/registry/media'
import { lengthOfSound } from '../audio/length-of-sound.ts'
import { duckingGraph, extractBackground } from '../audio/background.ts'
import { ownVideo, type VideoTiming } from '../ffmpeg/measure-video.ts'
import { requireAudio, type ProbeOptions } from '../ffmpeg/probe-media.ts'
import { handlerOf, type MediaHandler, type MediaOptions, mediaTools, type MediaTools } from '../media-tools.ts'
import { cuesWithin } from '../srt/cues-within.ts'
import { formatSrt } from '../srt/format-srt.ts'
import { formatVtt } from '../srt/format-vtt.ts'
import { parseSrt, type SrtCue } from '../srt/parse-srt.ts'
import { openMedium } from '../open-medium.ts'
import { frameOptions } from '../video/frame-options.ts'
import { requireFrames } from '../video/frames-lost.ts'
import { measureMp4, measureMp4Sound } from '../video/measure-mp4.ts'
import { openVideo } from '../video/open-video.ts'
import { holdLast, type HeldVideo } from '../video/hold-last.ts'
import { joinedNotes, timeNotes } from '../video/picture-notes.ts'
import { writeMp4 } from '../video/write-mp4.ts'
import { withWorkspace, type Workspace } from '../workspace.ts'

/** Pictures that MP4 players know (MP4 Registration Authority, "Codecs"). */
const mp4Codecs: ReadonlySet<string> = new Set(['h264', 'hevc', 'av1', 'vp9', 'mpeg4'])

/** Puts sound under a picture, both exactly as long as the longer of them, and checks that they came out so. */
export function createMergeAudioVideoHandler(given: MediaOptions): MediaHandler<typeof mergeAudioVideo> {
  const tools = mediaTools('createMergeAudioVideoHandler', given)
  return handlerOf(mergeAudioVideo, (input, context) =>
    withWorkspace(tools, context, input, async (workspace) => {
      const { signal } = workspace
      const options = { signal, limits: tools.limits }
      const { path, stream, timing } = await openVideo(tools, workspace, input.videoUrl)
      if (!mp4Codecs.has(stream.codec)) {
        throw new TerminalError(`The picture is ${stream.codec}, which cannot be copied into MP4: run it through transcode_video_segments first`, {
          code: 'media/format_refused',
        })
      }
      const { path: soundPath, facts: soundFacts } = await openMedium(tools, workspace, input.audioUrl, () => undefined)
      const sound = requireAudio(soundFacts)
      const holdSeconds = await soundAfter(tools, soundPath, sound.durationSeconds ?? 0, timing.durationSeconds, options)
      const held = holdSeconds > 0 ? holdLast(timing, holdSeconds) : undefined
      const { durationSeconds, frameCount } = held ?? timing
      const background = input.backgroundVolume === 0 ? undefined : await extractBackground(tools, workspace, input.sourceUrl!)
      const subtitles = input.srtUrl !== undefined && (input.softSubtitles || input.subtitleFiles) ? await openSubtitles(workspace, input.srtUrl, durationSeconds) : undefined
      const soft = input.softSubtitles ? subtitles?.softPath : undefined
      if (input.softSubtitles && soft === undefined) context.log.warn('There is no subtitle within the video: it gets no subtitle track')
      const voice = `1:a:${sound.index}`
      const output = 'merged.mp4'
      await writeMp4(
        workspace,
        {
          what: 'put the sound under the picture',
          inputs: [{ path }, { path: soundPath }, ...(background === undefined ? [] : [{ path: background }]), ...(soft === undefined ? [] : [{ path: soft, formats: ['srt'] }])],
          options: [
            ...['-map', `0:v:${stream.index}`, ...(held ? encodeOptions(held, timing, tools.ffmpeg.supportsFpsMode) : ['-c:v', 'copy']), '-map_metadata', '-1'],
            ...(background === undefined
              ? ['-map', voice, '-af', `aresample=48000,apad,atrim=end=${durationSeconds.toFixed(6)}`]
              : ['-filter_complex', duckingGraph(voice, '2:a:0', { volume: input.backgroundVolume, duckDb: input.duckDb, durationSeconds }), '-map', '[sound]']),
            ...['-c:a', 'aac', '-b:a', `${input.audioBitrateKbps}k`, '-ar', '48000'],
            ...(soft === undefined ? [] : ['-map', `${background === undefined ? 2 : 3}:s:0`, '-c:s', 'mov_text', '-metadata:s:s:0', `language=${input.subtitleLanguage}`, '-disposition:s:0', '0']),
          ],
          output,
        },
        { frameCount, variableFrameRate: held?.variableFrameRate ?? timing.variableFrameRate, soundSeconds: durationSeconds, subtitleCount: soft === undefined ? 0 : subtitles!.cues.length },
        { durationSeconds, from: background === undefined ? 0 : 0.2, to: 0.9 },
      )

      const merged = workspace.path(output)
      const frame = durationSeconds / frameCount
      const copied = await measureMp4(tools.ffmpeg, merged, held ? ownVideo : { ...stream, index: 0 }, options)
      requireFrames('The merged video', frameCount, copied.frameCount)
      const { startSeconds: audioStart, durationSeconds: audioLength } = await measureMp4Sound(tools.ffmpeg, merged, options)
      const videoStart = copied.firstSeconds
      if (Math.abs(videoStart) > frame || Math.abs(audioStart) > frame || Math.abs(audioLength - durationSeconds) > frame) {
        throw new TracksError(
          `The merged streams do not cover each other: picture from ${videoStart} s for ${durationSeconds} s, sound from ${audioStart} s for ${audioLength} s`,
          { code: 'media/ffmpeg_failed', retryable: false },
        )
      }
      const file = await workspace.store(merged, { format: 'mp4', contentType: 'video/mp4', durationSeconds })
      const [srt, vtt] = input.subtitleFiles && subtitles ? await storeSubtitles(workspace, subtitles.cues) : []
      const srtUrl = srt?.url ?? input.srtUrl
      return {
        ...{ url: file.url, files: [file, ...(srt ? [srt] : []), ...(vtt ? [vtt] : [])], durationSeconds },
        ...(srtUrl !== undefined && { srtUrl }),
        ...(vtt && { vttUrl: vtt.url }),
        ...joinedNotes(input.notes, held && [...timeNotes({ holdSeconds }), 'The picture was encoded again for it.']),
      }
    }),
  )
}

/** Sound that lasts no longer than this after the last picture is cut, in seconds: encoders add as much. */
const cutSound = 0.1

/** How long the sound lasts after the picture; 0 where it does not. Its header may count what players leave out: so it is listened to. */
async function soundAfter({ ffmpeg }: Pick<MediaTools, 'ffmpeg'>, path: string, saidSeconds: number, pictureSeconds: number, options: ProbeOptions): Promise<number> {
  if (saidSeconds - pictureSeconds <= cutSound) return 0
  const longer = (await lengthOfSound(ffmpeg, path, options)) - pictureSeconds
  return longer > cutSound ? longer : 0
}

function encodeOptions({ filters, variableFrameRate }: HeldVideo, { frameRate }: VideoTiming, supportsFpsMode: boolean): string[] {
  return ['-vf', filters.join(','), ...frameOptions({ variableFrameRate, frameRate }, supportsFpsMode), '-c:v', 'libx264', '-preset', 'veryfast', '-crf', '18']
}

/** Longest subtitles, in bytes: as long as split_srt_into_segments takes. */
const mostSrtBytes = 20_000_000

/** The subtitles within the video; read and written anew by us, so that ffmpeg sees nobody's own text file. `softPath` only where there are any. */
async function openSubtitles(workspace: Workspace, srtUrl: string, durationSeconds: number): Promise<{ cues: SrtCue[]; softPath?: string }> {
  const path = await workspace.open(srtUrl)
  const { size } = await stat(path)
  if (size > mostSrtBytes) throw new TerminalError(`The subtitles have ${size} bytes; the limit is ${mostSrtBytes}`, { code: 'media/too_large' })
  const cues = cuesWithin(parseSrt(await readFile(path, 'utf8')), durationSeconds)
  if (cues.length === 0) return { cues }
  const softPath = workspace.path('soft.srt')
  await writeFile(softPath, formatSrt(cues))
  return { cues, softPath }
}

async function storeSubtitles(workspace: Workspace, cues: readonly SrtCue[]): Promise<[StoredFile, StoredFile]> {
  const [srtPath, vttPath] = [workspace.path('beside.srt'), workspace.path('beside.vtt')]
  await writeFile(srtPath, formatSrt(cues))
  await writeFile(vttPath, formatVtt(cues))
  return [
    await workspace.store(srtPath, { format: 'srt', contentType: 'application/x-subrip', beside: 'mp4' }),
    await workspace.store(vttPath, { format: 'vtt', contentType: 'text/vtt', beside: 'mp4' }),
  ]
}
