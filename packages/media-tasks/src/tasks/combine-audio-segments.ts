import { stat, writeFile } from 'node:fs/promises'
import { TerminalError } from '@track-orchestrator/registry'
import { combineAudioSegments, type CueReport, type MediaFacts, type SpokenSegment, type StoredFile } from '@track-orchestrator/registry/media'
import { layTimeline, type LaidClip, type LocalClip } from '../audio/lay-timeline.ts'
import { makeMp3, type Mp3Rules } from '../audio/make-mp3.ts'
import { readPlainWav } from '../wav-file.ts'
import { workAhead } from '../audio/work-ahead.ts'
import { handlerOf, type MediaHandler, type MediaOptions, mediaTools, type MediaTools } from '../media-tools.ts'
import { formatSrt } from '../srt/format-srt.ts'
import { spokenCues, type SpokenCueRules } from '../srt/spoken-cues.ts'
import { gapOf } from '../srt/subtitle-limits.ts'
import { joinedNotes } from '../video/picture-notes.ts'
import { withWorkspace, type Workspace } from '../workspace.ts'

/** Clips brought here at once. */
const fetchedAtOnce = 4
/** What is off by less is not heard, in seconds. */
const notedSeconds = 0.05

/** Lays spoken clips on one timeline, each with its first sound at its cue's start, and makes one MP3 of it. */
export function createCombineAudioSegmentsHandler(options: MediaOptions): MediaHandler<typeof combineAudioSegments> {
  const tools = mediaTools('createCombineAudioSegmentsHandler', options)
  return handlerOf(combineAudioSegments, (input, context) =>
    withWorkspace(tools, context, input, async (workspace) => {
      const { segments, sourceUrl, srtUrl, loudnessLufs, truePeakDb, bitrateKbps, sampleRateHz } = input
      refuseLong(tools, input.durationSeconds ?? segments.reduce((end, segment) => Math.max(end, segment.startSeconds), 0))
      const clips = await fetchClips(workspace, segments, workspace.progress.counter('fetch the clips', 'clips', { to: 0.1 }))
      const rate = await timelineRate(clips, sampleRateHz)
      const rules = { ...input, sampleRateHz: rate }
      const wavPath = workspace.path('timeline.wav')
      const layed = workspace.progress.counter('lay the clips', 'clips', { from: 0.1, to: 0.4 })
      const { durationSeconds, clips: laid } = await layTimeline(tools, workspace, clips, wavPath, rules, (count) => layed(count, clips.length))
      const cues = laid.map(({ report }) => report)
      if (durationSeconds === 0) {
        throw new TerminalError('There is nothing to combine: no segment has a sound, and durationSeconds is not given', { code: 'media/empty' })
      }
      const misfits = misfitsOf(cues, durationSeconds)
      for (const { said, facts } of misfits) context.log.warn(said, facts)

      const mp3Path = workspace.path('final.mp3')
      const mp3Rules = { durationSeconds, loudnessLufs, truePeakDb, bitrateKbps, sampleRateHz }
      const loudness = await makeMp3(workspace, wavPath, mp3Path, mp3Rules, { from: 0.4, to: 0.95 })
      const file = await workspace.store(mp3Path, { format: 'mp3', contentType: 'audio/mpeg', durationSeconds, kept: { facts: factsOfMp3(mp3Rules, (await stat(mp3Path)).size) } })
      const subtitles = input.subtitles ? await storeSubtitles(workspace, laid, { ...input, gapSeconds: gapOf(input), durationSeconds }) : undefined
      const subtitlesUrl = subtitles?.url ?? srtUrl
      workspace.progress.report(1, 'stored')
      return {
        finalAudio: file.url,
        files: [file, ...(subtitles ? [subtitles] : [])],
        cues: cues.toSorted((a, b) => a.index - b.index),
        ...(loudness.integratedLufs !== undefined && { loudnessLufs: loudness.integratedLufs }),
        ...(sourceUrl !== undefined && { sourceUrl }),
        ...(subtitlesUrl !== undefined && { srtUrl: subtitlesUrl }),
        ...joinedNotes(input.notes, misfits.map(({ said }) => `${said}.`)),
        durationSeconds,
      }
    }),
  )
}

/** What is known of the MP3, as players hear it: without what the encoder adds at both ends. */
function factsOfMp3({ durationSeconds, sampleRateHz, bitrateKbps }: Mp3Rules, sizeBytes: number): MediaFacts {
  const sound = { index: 0, codec: 'mp3', startSeconds: 0, durationSeconds, isDefault: false, sampleRateHz, channels: 2, bitrateKbps }
  return { container: 'mp3', sizeBytes, durationSeconds, video: [], audio: [sound], subtitleCount: 0 }
}

/** What is spoken, as subtitles. Nothing where nothing is. */
async function storeSubtitles(workspace: Workspace, clips: readonly LaidClip[], rules: SpokenCueRules): Promise<StoredFile | undefined> {
  const units = clips.map(({ segment, report, lengthSeconds, pauses }) => ({
    ...{ text: segment.text, speaker: segment.speaker, pauses },
    ...{ startSeconds: report.startSeconds, endSeconds: Math.min(rules.durationSeconds, report.startSeconds + lengthSeconds) },
  }))
  const cues = spokenCues(units, rules)
  if (cues.length === 0) return undefined
  const path = workspace.path('spoken.srt')
  await writeFile(path, formatSrt(cues))
  return workspace.store(path, { format: 'srt', contentType: 'application/x-subrip' })
}

/** Before a timeline is written that no disk can hold. */
function refuseLong({ limits }: MediaTools, seconds: number): void {
  if (seconds <= limits.durationSeconds) return
  throw new TerminalError(`The sound would be ${Math.round(seconds)} s long; the limit here is ${limits.durationSeconds} s`, { code: 'media/too_long' })
}

async function fetchClips(workspace: Workspace, segments: readonly SpokenSegment[], onFetched: (done: number, total: number) => void): Promise<LocalClip[]> {
  const clips: LocalClip[] = []
  for await (const clip of workAhead(segments, fetchedAtOnce, async (segment) => ({ segment, path: await workspace.open(segment.audioUrl) }))) onFetched(clips.push(clip), segments.length)
  return clips
}

/** The highest sample rate among the clips, so that most need not be converted before the whole is. */
async function timelineRate(clips: readonly LocalClip[], mostHz: number): Promise<number> {
  let highest = 0
  for await (const wav of workAhead(clips, fetchedAtOnce, ({ path }) => readPlainWav(path))) highest = Math.max(highest, wav?.sampleRateHz ?? mostHz)
  return highest === 0 ? mostHz : Math.min(mostHz, highest)
}

interface Misfit {
  readonly said: string
  readonly facts: Readonly<Record<string, number>>
}

/** Segments that are not where their cues are, a sentence each without its dot. */
function misfitsOf(cues: readonly CueReport[], durationSeconds: number): Misfit[] {
  return cues.flatMap(({ index, startSeconds, overrunSeconds, shiftedSeconds, speedUp }): Misfit[] => {
    if (overrunSeconds > notedSeconds) {
      const where = startSeconds >= durationSeconds ? 'begins after the end and is not heard' : 'sounds over what is spoken beside it, or is cut at the end'
      return [{ said: `Segment ${index} is ${overrunSeconds.toFixed(2)} s too long at ${speedUp.toFixed(2)} times its speed: it ${where}`, facts: { index, overrunSeconds } }]
    }
    if (Math.abs(shiftedSeconds) <= notedSeconds) return []
    const why = shiftedSeconds > 0 ? 'after its cue: the one before it is longer than its time' : 'before its cue: the end would have cut it'
    return [{ said: `Segment ${index} begins ${Math.abs(shiftedSeconds).toFixed(2)} s ${why}`, facts: { index, shiftedSeconds } }]
  })
}
