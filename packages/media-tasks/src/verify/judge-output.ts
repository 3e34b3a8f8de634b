import type { HeardUnit, OutputCheck, OutputReport } from '@track-orchestrator/registry/media'
import { percentile } from './compare-speech.ts'

/** What was measured, before it is judged. */
export type Measured = Omit<OutputReport, 'passed' | 'checks' | 'notMeasured'>

/** How good a result is to be. */
export interface Wanted {
  readonly loudnessLufs: number
  readonly truePeakDb: number
}

/** The figures of all units together. `shifted`: how many began later than their cue. */
export function summarizeSpeech(units: readonly HeardUnit[], shifted: number, overruns: number): NonNullable<OutputReport['speech']> {
  const fromCue = units.flatMap((unit) => (unit.new ? [1_000 * Math.abs(unit.new.startSeconds - unit.cue.startSeconds)] : []))
  const fromOld = units.flatMap((unit) => (unit.new && unit.old ? [1_000 * Math.abs(unit.new.startSeconds - unit.old.startSeconds)] : []))
  const compared = units.flatMap(({ iou }) => (iou === undefined ? [] : [iou]))
  const speed = units.map(({ speedUp }) => speedUp)
  return {
    ...(compared.length > 0 && compared.length * 2 >= units.length && { meanIou: rounded(compared.reduce((sum, iou) => sum + iou, 0) / compared.length, 4) }),
    onsetErrorMs: spread(fromCue, 1),
    ...(fromOld.length > 0 && { onsetFromOldMs: spread(fromOld, 1) }),
    speedUp: spread(speed, 3),
    overruns,
    shifted,
    units: [...units],
  }
}

const spread = (values: readonly number[], digits: number) => ({ p50: rounded(percentile(values, 0.5), digits), p95: rounded(percentile(values, 0.95), digits) })
const rounded = (value: number, digits: number): number => Number(value.toFixed(digits))

/** Each figure beside what it should be. */
export function judgeOutput({ speech, picture, sync, sound, subtitles, similarity }: Measured, { loudnessLufs, truePeakDb }: Wanted): OutputCheck[] {
  const frameMs = 1_000 / picture.framesPerSecond
  const checks: OutputCheck[] = []
  const atMost = (name: string, value: number, limit: number, unit = '') => void checks.push({ name, value, wanted: `at most ${limit}${unit}`, passed: value <= limit })
  if (speech) {
    if (speech.meanIou !== undefined) checks.push({ name: 'mean_iou', value: speech.meanIou, wanted: 'at least 0.85', passed: speech.meanIou >= 0.85 })
    atMost('onset_p95_ms', speech.onsetErrorMs.p95, 40, ' ms')
    atMost('speed_up_p95', speech.speedUp.p95, 1.25)
    atMost('overruns', speech.overruns, 0)
  }
  atMost('frames_lost', picture.framesLost, 0)
  atMost('sync_start_ms', Math.abs(sync.startMs), rounded(frameMs, 1), ' ms')
  atMost('sync_end_ms', Math.abs(sync.endMs), rounded(frameMs, 1), ' ms')
  if (sound.loudnessLufs !== undefined) {
    const off = Math.abs(sound.loudnessLufs - loudnessLufs)
    checks.push({ name: 'loudness_lufs', value: sound.loudnessLufs, wanted: `${loudnessLufs} ± 0.2`, passed: off <= 0.2 + 1e-9 })
  }
  if (sound.truePeakDb !== undefined) atMost('true_peak_dbtp', sound.truePeakDb, truePeakDb)
  if (subtitles) atMost('subtitle_violations', subtitles.violations.length, 0)
  if (similarity) atMost('ssim_difference', rounded(similarity.difference, 6), 0.001)
  return checks
}

/** What is not judged, since there is nothing to compare. */
export function notMeasured({ speech }: Measured): Pick<OutputReport, 'notMeasured'> {
  if (!speech || speech.meanIou !== undefined || speech.units.length === 0) return {}
  const without = speech.units.filter(({ iou }) => iou === undefined).length
  return { notMeasured: [{ name: 'mean_iou', why: `in ${without} of ${speech.units.length} units, the source has no speech where the cue tells of some` }] }
}

/** The report in one line. */
export function summaryOf({ passed, checks, notMeasured: unknown = [], speech, picture, sound }: OutputReport): string {
  const failed = checks.filter((check) => !check.passed).map(({ name, value, wanted }) => `${name} ${value} (${wanted})`)
  const figures = [
    speech?.meanIou !== undefined && `overlap ${(speech.meanIou * 100).toFixed(0)} %`,
    speech && `onset ${speech.onsetErrorMs.p95.toFixed(0)} ms, pace ${speech.speedUp.p95.toFixed(2)}x`,
    `${picture.framesLost} frames lost`,
    sound.loudnessLufs !== undefined && `${sound.loudnessLufs.toFixed(1)} LUFS`,
    ...unknown.map(({ name }) => `${name} not measured`),
  ]
  return passed ? `all ${checks.length} checks passed: ${figures.filter(Boolean).join(', ')}` : `${failed.length} of ${checks.length} checks failed: ${failed.join(', ')}`
}
