import type { CueReport, SpokenSegment } from '@track-orchestrator/registry/media'
import type { MediaTools } from '../media-tools.ts'
import type { Workspace } from '../workspace.ts'
import { accountFor, fitToSlot, type FitRules } from './fit-to-slot.ts'
import { playFaster, readSound } from './read-sound.ts'
import { softenEdges, soundingSpan } from './sounding-span.ts'
import { createTimelineWriter } from './timeline-writer.ts'
import { workAhead } from './work-ahead.ts'

export interface TimelineRules extends FitRules {
  /** How long the whole is to be. Default: up to the end of the last clip. */
  readonly durationSeconds?: number | undefined
  readonly sampleRateHz: number
}

export interface LaidTimeline {
  readonly durationSeconds: number
  /** In the order of time. */
  readonly cues: CueReport[]
}

/** A segment with its clip on this machine. */
export interface LocalClip {
  readonly segment: SpokenSegment
  readonly path: string
}

/** A clip without the silence around it, and as long as it is to be. */
interface FittedClip {
  readonly report: CueReport
  readonly samples: Int16Array
}

/** Clips that are read and played faster while another is being laid. */
const clipsAhead = 3

/** Lays each clip on the timeline so that its first sound stands at the cue's start, and writes the whole as one WAV file. */
export async function layTimeline(
  tools: Pick<MediaTools, 'ffmpeg' | 'limits'>,
  workspace: Workspace,
  clips: readonly LocalClip[],
  wavPath: string,
  rules: TimelineRules,
  onClip: (laid: number) => void,
): Promise<LaidTimeline> {
  const ordered = clips.toSorted((a, b) => a.segment.startSeconds - b.segment.startSeconds)
  const toSamples = (seconds: number) => Math.round(seconds * rules.sampleRateHz)
  const timeline = await createTimelineWriter(wavPath, rules.sampleRateHz)
  try {
    const cues: CueReport[] = []
    const fitted = workAhead(ordered, clipsAhead, (clip, index) => fitClip(tools, workspace, clip, ordered[index + 1]?.segment.startSeconds, rules))
    for await (const { report, samples } of fitted) {
      cues.push(report)
      // What would begin after the end is not heard at all; its report says so.
      if (rules.durationSeconds === undefined || report.startSeconds < rules.durationSeconds) await timeline.add(samples, toSamples(report.startSeconds))
      onClip(cues.length)
    }
    const sampleCount = await timeline.finish(rules.durationSeconds === undefined ? undefined : toSamples(rules.durationSeconds))
    return { durationSeconds: rules.durationSeconds ?? sampleCount / rules.sampleRateHz, cues }
  } finally {
    await timeline.close()
  }
}

async function fitClip(
  tools: Pick<MediaTools, 'ffmpeg' | 'limits'>,
  workspace: Workspace,
  { segment, path }: LocalClip,
  nextStartSeconds: number | undefined,
  { sampleRateHz, durationSeconds, ...rules }: TimelineRules,
): Promise<FittedClip> {
  const { index, startSeconds, endSeconds } = segment
  const trimmed = trim(await readSound(tools, path, sampleRateHz, workspace.signal), sampleRateHz)
  const spokenSeconds = trimmed.length / sampleRateHz
  const fit = fitToSlot({ startSeconds, endSeconds, nextStartSeconds, lastSeconds: durationSeconds, spokenSeconds }, rules)
  const samples =
    fit.speedUp === 1
      ? trimmed
      : trim(await playFaster(tools, workspace, { samples: trimmed, sampleRateHz, name: `faster-${index}` }, fit.speedUp), sampleRateHz)
  softenEdges(samples, sampleRateHz)
  const { borrowedSeconds, overrunSeconds } = accountFor(samples.length / sampleRateHz, fit)
  const report = {
    index,
    startSeconds,
    slotSeconds: thousandths(fit.slotSeconds),
    spokenSeconds: thousandths(spokenSeconds),
    speedUp: thousandths(fit.speedUp),
    borrowedSeconds: thousandths(borrowedSeconds),
    overrunSeconds: thousandths(overrunSeconds),
  }
  return { report, samples }
}

const thousandths = (value: number): number => Math.round(value * 1_000) / 1_000

function trim(samples: Int16Array, sampleRateHz: number): Int16Array {
  const span = soundingSpan(samples, sampleRateHz)
  return span ? samples.slice(span.start, span.end) : new Int16Array()
}
