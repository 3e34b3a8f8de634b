import type { HeardUnit } from '@track-orchestrator/registry/media'
import { blockSeconds, type SpeechLevels } from './speech-activity.ts'

export interface Waves {
  readonly durationSeconds: number
  readonly old: SpeechLevels
  readonly made: SpeechLevels
  readonly units: readonly HeardUnit[]
}

/** A row shows at least so much; a long video has longer rows, not more of them. */
const leastRowSeconds = 30
const mostRows = 24
const [width, height, middle] = [1_200, 120, 54]
/** Bars in a row. */
const columns = 600

/** The two sounds as drawings (SVG), one for each stretch of time: the old one upward, the new one downward, each unit's time shaded. */
export function waveRows({ durationSeconds, old, made, units }: Waves): string[] {
  const rowSeconds = Math.max(Math.min(leastRowSeconds, durationSeconds), durationSeconds / mostRows)
  const rows = Math.max(1, Math.ceil(durationSeconds / rowSeconds - 1e-6))
  const loudest = (levels: SpeechLevels) => levels.levels.reduce((most, level) => Math.max(most, level), 1)
  const peaks = [loudest(old), loudest(made)] as const
  return Array.from({ length: rows }, (_, row) => {
    const from = row * rowSeconds
    const x = (seconds: number) => ((seconds - from) / rowSeconds) * width
    const shades = units.flatMap(({ cue }) => {
      const [left, right] = [Math.max(0, x(cue.startSeconds)), Math.min(width, x(cue.endSeconds))]
      return right > left ? [`<rect x="${left.toFixed(1)}" y="0" width="${(right - left).toFixed(1)}" height="${middle * 2}" fill="#dce6f5"/>`] : []
    })
    const ticks = Array.from({ length: 7 }, (__, tick) => {
      const seconds = from + (tick * rowSeconds) / 6
      const anchor = tick === 0 ? 'start' : tick === 6 ? 'end' : 'middle'
      return `<text x="${x(seconds).toFixed(1)}" y="${height - 1}" font-size="11" font-family="sans-serif" fill="#57606a" text-anchor="${anchor}">${clock(seconds)}</text>`
    })
    return [
      `<svg viewBox="0 0 ${width} ${height}" role="img" aria-label="Sound from ${clock(from)} to ${clock(from + rowSeconds)}">`,
      ...shades,
      `<path d="${bars(old, peaks[0], from, rowSeconds, -1)}" fill="#57606a"/>`,
      `<path d="${bars(made, peaks[1], from, rowSeconds, 1)}" fill="#0b62c4"/>`,
      `<path d="M0 ${middle}H${width}" stroke="#1c2128" stroke-width="0.5"/>`,
      ...ticks,
      '</svg>',
    ].join('')
  })
}

function bars({ levels }: SpeechLevels, loudest: number, from: number, seconds: number, direction: 1 | -1): string {
  const barWidth = width / columns
  let path = ''
  for (let column = 0; column < columns; column++) {
    const first = Math.floor((from + (column * seconds) / columns) / blockSeconds)
    const end = Math.max(first + 1, Math.floor((from + ((column + 1) * seconds) / columns) / blockSeconds))
    let peak = 0
    for (let at = first; at < end; at++) peak = Math.max(peak, levels[at] ?? 0)
    const tall = Math.round((peak / loudest) * (middle - 2) * 10) / 10
    if (tall < 0.5) continue
    path += `M${(column * barWidth).toFixed(1)} ${middle}v${(direction * tall).toFixed(1)}h${(barWidth * 0.8).toFixed(1)}v${(-direction * tall).toFixed(1)}z`
  }
  return path
}

function clock(seconds: number): string {
  const whole = Math.round(seconds)
  const [hours, minutes] = [Math.floor(whole / 3_600), Math.floor(whole / 60) % 60]
  return `${hours > 0 ? `${hours}:` : ''}${String(minutes).padStart(hours > 0 ? 2 : 1, '0')}:${String(whole % 60).padStart(2, '0')}`
}
