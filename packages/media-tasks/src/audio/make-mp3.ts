import type { Workspace } from '../workspace.ts'
import { measureLoudness, type Loudness } from './loudness.ts'
import { headroomDb } from './timeline-writer.ts'

/** How the MP3 is to be. */
export interface Mp3Rules {
  readonly durationSeconds: number
  readonly loudnessLufs: number
  readonly truePeakDb: number
  readonly bitrateKbps: number
  readonly sampleRateHz: number
}

/** Which part of the attempt this is, from 0 to 1. */
interface Part {
  readonly from: number
  readonly to: number
}

interface Levels {
  readonly gainDb: number
  /** Above this, peaks are pressed down. Nothing where none gets there. */
  readonly limitDb?: number
}

/** No sound is made louder by more: what needs it is noise. */
const mostGainDb = 50
/** How far encoding raises peaks, as a rule, in decibels. Measured again afterwards. */
const encoderPeaksDb = 0.5
/** By so much LAME makes what it encodes quieter at 192 kbit/s, in LU; 0.4 at 128, nothing at 320. Measured; the next round has the rest. */
const encoderLossLu = 0.25
/** As near to the loudness asked for as it has to come, and how often it is tried. */
const nearEnoughLu = 0.15
const mostRounds = 4

/** One channel in, two alike out: then a player need not guess how loud one channel is meant (EBU R 128 counts each). */
const bothSides = 'pan=stereo|c0=c0|c1=c0'
/** `alimiter` looks ahead for so long, and delays all by it (its option to make up for that is not in older builds). */
const lookAheadSeconds = 0.005

/**
 * Makes the MP3 of a timeline: loudness brought to what was asked for, no true peak above the limit, exactly as long as asked for
 * (with a Xing tag, by which players leave out what the encoder adds). The gain is one for all of it; only where peaks would be too
 * high, they are pressed down. Each try is encoded from the timeline. Silence, and what is too short to be measured, is left as loud
 * as it is.
 */
export async function makeMp3(workspace: Workspace, wavPath: string, mp3Path: string, rules: Mp3Rules, progress: Part): Promise<Loudness> {
  const { durationSeconds } = rules
  const width = progress.to - progress.from
  const within = (from: number, to: number) => ({ durationSeconds, from: progress.from + width * from, to: progress.from + width * to })
  const before = await measureLoudness(workspace, { path: wavPath }, { asBothSides: true, ...within(0, 0.2) })
  let levels = firstLevels(before, rules)
  for (let round = 1; ; round++) {
    const [from, to] = [1 - 0.8 / 2 ** (round - 1), 1 - 0.8 / 2 ** round] // the first round has the most of it
    await encode(workspace, wavPath, mp3Path, levels, rules, within(from, (from + to) / 2))
    const after = await measureLoudness(workspace, { path: mp3Path }, within((from + to) / 2, to))
    const next = nextLevels(levels, after, rules)
    if (next === undefined || round === mostRounds) return after
    levels = next
  }
}

function firstLevels({ integratedLufs, truePeakDb = -Infinity }: Loudness, rules: Mp3Rules): Levels {
  const gainDb = integratedLufs === undefined ? headroomDb : Math.min(mostGainDb, rules.loudnessLufs - integratedLufs + encoderLossLu)
  return withLimit(gainDb, truePeakDb, rules.truePeakDb - encoderPeaksDb)
}

/** What to do better; nothing where it is good. Peaks come first: loudness may be off, the limit may not be passed. */
function nextLevels({ gainDb, limitDb }: Levels, { integratedLufs, truePeakDb = -Infinity }: Loudness, rules: Mp3Rules): Levels | undefined {
  const over = truePeakDb - rules.truePeakDb
  const missing = integratedLufs === undefined ? 0 : rules.loudnessLufs - integratedLufs
  const isLoudEnough = Math.abs(missing) <= nearEnoughLu || (missing > 0 && gainDb >= mostGainDb)
  if (over <= 0 && isLoudEnough) return undefined
  const lower = (limitDb ?? rules.truePeakDb - encoderPeaksDb) - (over > 0 ? over + 0.1 : 0)
  const nextGain = Math.min(mostGainDb, isLoudEnough ? gainDb : gainDb + missing)
  return limitDb === undefined && over <= 0 ? withLimit(nextGain, truePeakDb - gainDb, lower) : { gainDb: nextGain, limitDb: lower }
}

function withLimit(gainDb: number, peakDb: number, limitDb: number): Levels {
  return peakDb + gainDb > limitDb ? { gainDb, limitDb } : { gainDb }
}

async function encode(
  workspace: Workspace,
  wavPath: string,
  mp3Path: string,
  levels: Levels,
  { durationSeconds, bitrateKbps, sampleRateHz }: Mp3Rules,
  progress: Part,
): Promise<void> {
  const filters = [
    `volume=${levels.gainDb.toFixed(2)}dB:precision=float`,
    ...(levels.limitDb === undefined ? [] : limiter(levels.limitDb, sampleRateHz)),
    `aresample=${sampleRateHz}`,
    'apad',
    `atrim=end_sample=${Math.round(durationSeconds * sampleRateHz)}`,
    bothSides,
  ]
  const codec = ['-c:a', 'libmp3lame', '-b:a', `${bitrateKbps}k`, '-write_xing', '1', '-map_metadata', '-1', '-f', 'mp3']
  await workspace.ffmpeg(
    { what: 'encode the MP3', inputs: [{ path: wavPath }], options: ['-map', '0:a:0', '-af', filters.join(','), ...codec], output: mp3Path },
    { durationSeconds, ...progress },
  )
}

/** Works at twice the sample rate, where peaks between the samples show. The delay is cut off at the front. */
function limiter(limitDb: number, sampleRateHz: number): string[] {
  const limit = Math.max(0.0625, 10 ** (limitDb / 20)) // the least it takes: -24 dB
  return [
    `aresample=${sampleRateHz * 2}`,
    `apad=pad_len=${Math.round(lookAheadSeconds * sampleRateHz * 2)}`,
    `alimiter=limit=${limit.toFixed(6)}:attack=${lookAheadSeconds * 1_000}:release=50:level=disabled`,
    `atrim=start=${lookAheadSeconds}`,
    'asetpts=PTS-STARTPTS',
  ]
}
