import { writeFile } from 'node:fs/promises'
import type { CueReport, SpokenSegment } from '@track-orchestrator/registry/media'
import type { MediaTools } from '../media-tools.ts'
import type { Workspace } from '../workspace.ts'
import type { FitRules } from './fit-to-slot.ts'
import { pausesOf, type Pause } from './pauses.ts'
import { planTimeline, type Place } from './plan-timeline.ts'
import { playFaster, readSound } from './read-sound.ts'
import { softenEdges, soundingSpan, type Span } from '../sounding-span.ts'
import { createTimelineWriter } from './timeline-writer.ts'
import { wavFile } from '../wav-file.ts'
import { workAhead } from './work-ahead.ts'

export interface TimelineRules extends FitRules {
  /** How long the whole is to be. Default: up to the end of the last clip. */
  readonly durationSeconds?: number | undefined
  readonly sampleRateHz: number
}

/** A clip as it was laid. */
export interface LaidClip {
  readonly segment: SpokenSegment
  readonly report: CueReport
  /** How long it sounds. */
  readonly lengthSeconds: number
  /** Where it is silent in between. */
  readonly pauses: readonly Pause[]
}

export interface LaidTimeline {
  readonly durationSeconds: number
  /** In the order of time. */
  readonly clips: readonly LaidClip[]
}

/** A segment with its clip on this machine. */
export interface LocalClip {
  readonly segment: SpokenSegment
  readonly path: string
}

type Tools = Pick<MediaTools, 'ffmpeg' | 'limits'>

/** Clips that are read and played faster while another is being laid. */
const clipsAhead = 3

/**
 * Lays each clip on the timeline so that its first sound stands where `planTimeline` puts it, and writes the whole as one WAV file. Each clip
 * is read twice: once to see how long it is, since all of that has to be known, and once to lay it.
 */
export async function layTimeline(
  tools: Tools,
  workspace: Workspace,
  clips: readonly LocalClip[],
  wavPath: string,
  rules: TimelineRules,
  onClip: (laid: number) => void,
): Promise<LaidTimeline> {
  const { sampleRateHz, durationSeconds } = rules
  const ordered = clips.toSorted((a, b) => a.segment.startSeconds - b.segment.startSeconds)
  const sounds: TrimmedClip[] = []
  for await (const sound of workAhead(ordered, clipsAhead, (clip, place) => trimClip(tools, workspace, clip, place, sampleRateHz))) sounds.push(sound)
  const places = planTimeline(
    sounds.map(({ segment, span }) => ({ ...segment, spokenSeconds: (span.end - span.start) / sampleRateHz, voiceSpeed: segment.voiceSpeed ?? 1 })),
    rules,
  )

  const toSamples = (seconds: number) => Math.round(seconds * sampleRateHz)
  const timeline = await createTimelineWriter(wavPath, sampleRateHz)
  try {
    const laid: LaidClip[] = []
    const order = sounds.map((sound, index) => ({ sound, place: places[index] as Place })).toSorted((a, b) => a.place.startSeconds - b.place.startSeconds)
    for await (const { clip, samples } of workAhead(order, clipsAhead, ({ sound, place }) => fitClip(tools, workspace, sound, place, sampleRateHz))) {
      laid.push(clip)
      // What would begin after the end is not heard at all; its report says so.
      const { startSeconds } = clip.report
      if (durationSeconds === undefined || startSeconds < durationSeconds) await timeline.add(samples, toSamples(startSeconds))
      onClip(laid.length)
    }
    const sampleCount = await timeline.finish(durationSeconds === undefined ? undefined : toSamples(durationSeconds))
    return { durationSeconds: durationSeconds ?? sampleCount / sampleRateHz, clips: laid }
  } finally {
    await timeline.close()
  }
}

/** A clip that can be read again, and where the sound lies in it. */
interface TrimmedClip extends LocalClip {
  readonly span: Span
}

async function trimClip(tools: Tools, workspace: Workspace, { segment, path }: LocalClip, place: number, sampleRateHz: number): Promise<TrimmedClip> {
  const { samples, isPlain } = await readSound(tools, path, sampleRateHz, workspace.signal)
  const span = soundingSpan(samples, sampleRateHz) ?? { start: 0, end: 0 }
  if (isPlain) return { segment, path, span }
  // What ffmpeg had to decode, or to bring to another sample rate, is kept as it came out.
  const plainPath = workspace.path(`plain-${place}.wav`)
  await writeFile(plainPath, wavFile(samples.subarray(span.start, span.end), sampleRateHz))
  return { segment, path: plainPath, span: { start: 0, end: span.end - span.start } }
}

async function fitClip(tools: Tools, workspace: Workspace, { segment, path, span }: TrimmedClip, place: Place, sampleRateHz: number): Promise<{ clip: LaidClip; samples: Int16Array }> {
  const { index, startSeconds: cueStartSeconds, voiceSpeed = 1 } = segment
  const { samples: whole } = await readSound(tools, path, sampleRateHz, workspace.signal)
  const spoken = whole.slice(span.start, span.end)
  const { speedUp: tempo, startSeconds } = place
  const samples = tempo === 1 ? spoken : trim(await playFaster(tools, workspace, { samples: spoken, sampleRateHz, name: `faster-${index}-${span.end}` }, tempo), sampleRateHz)
  softenEdges(samples, sampleRateHz)
  const lengthSeconds = samples.length / sampleRateHz
  const report = {
    index,
    cueStartSeconds,
    startSeconds,
    slotSeconds: thousandths(place.slotSeconds),
    spokenSeconds: thousandths(spoken.length / sampleRateHz),
    voiceSpeed,
    tempo: thousandths(tempo),
    speedUp: thousandths(tempo * voiceSpeed),
    borrowedSeconds: thousandths(Math.max(0, Math.min(lengthSeconds, place.roomSeconds) - place.slotSeconds)),
    shiftedSeconds: thousandths(place.shiftedSeconds),
    overrunSeconds: thousandths(Math.min(lengthSeconds, Math.max(0, startSeconds + lengthSeconds - place.mayEndSeconds))),
  }
  return { clip: { segment, report, lengthSeconds, pauses: pausesOf(samples, sampleRateHz) }, samples }
}

const thousandths = (value: number): number => Math.round(value * 1_000) / 1_000

function trim(samples: Int16Array, sampleRateHz: number): Int16Array {
  const span = soundingSpan(samples, sampleRateHz)
  return span ? samples.slice(span.start, span.end) : new Int16Array()
}
