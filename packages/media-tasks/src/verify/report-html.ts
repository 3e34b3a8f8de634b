import { createHash } from 'node:crypto'
import type { OutputReport } from '@track-orchestrator/registry/media'
import type { SrtCue } from '../srt/parse-srt.ts'
import type { SpeechLevels } from './speech-activity.ts'
import { waveRows } from './waveform.ts'

/** What stands on the page. */
export interface ReportPage {
  readonly title: string
  readonly summary: string
  readonly report: OutputReport
  readonly durationSeconds: number
  /** Subtitles of the result. */
  readonly cues: readonly SrtCue[]
  /** The sound of the source, and of the result. */
  readonly old?: SpeechLevels | undefined
  readonly made?: SpeechLevels | undefined
}

const css = `
body { margin: 2rem auto; max-width: 76rem; padding: 0 1rem; background: #fff; color: #1c2128; font: 15px/1.5 system-ui, sans-serif }
h1 { font-size: 1.5rem; margin-bottom: .25rem } h2 { font-size: 1.1rem; margin-top: 2rem }
.summary { padding: .5rem .75rem; border-left: .3rem solid #1a7f37; background: #f0f6f1 } .failed .summary { border-color: #c4320a; background: #fdf1ec }
table { border-collapse: collapse; font-variant-numeric: tabular-nums } th, td { padding: .2rem .75rem .2rem 0; text-align: left; border-bottom: 1px solid #e3e6ea; vertical-align: top }
td.number { text-align: right } .no { color: #c4320a; font-weight: 600 } .yes { color: #1a7f37 }
svg { display: block; width: 100%; height: auto; margin: .25rem 0 } .key { color: #57606a }`

/** Text as HTML shows it: nothing in it is obeyed. */
export const escapeHtml = (text: string): string =>
  text.replace(/[&<>"'`]/g, (sign) => `&#${sign.charCodeAt(0)};`).replace(/[\p{Cc}\u202a-\u202e\u2066-\u2069]/gu, (sign) => (sign === '\n' ? sign : '\uFFFD'))

/**
 * The report as one page that needs nothing else: no script, no font, no picture from elsewhere. Its own Content-Security-Policy allows its one
 * style sheet by its hash; under a stricter one the drawing keeps its colours, which are attributes.
 */
export function reportHtml({ title, summary, report, durationSeconds, cues, old, made }: ReportPage): string {
  const policy = `default-src 'none'; style-src 'sha256-${createHash('sha256').update(css).digest('base64')}'; base-uri 'none'; form-action 'none'`
  const { speech, subtitles } = report
  const parts = [
    `<h1>${escapeHtml(title)}</h1>`,
    `<p class="summary">${escapeHtml(summary)}</p>`,
    '<h2>Checks</h2>',
    table(['Check', 'Found', 'Wanted', ''], [...report.checks.map(({ name, value, wanted, passed }) => [name, number(value), wanted, passed ? yes : no]), ...(report.notMeasured ?? []).map(({ name, why }) => [name, 'not measured', why, undefined])]),
    ...(old && made ? ['<h2>Speech</h2>', `<p class="key">Above: the source. Below: the result. Shaded: when each unit was to be spoken.</p>`, ...waveRows({ durationSeconds, old, made, units: speech?.units ?? [] })] : []),
    ...(speech ? [unitTable(speech)] : []),
    '<h2>Picture and sound</h2>',
    figures(report),
    ...(cues.length > 0 ? ['<h2>Subtitles</h2>', cueTable(cues, subtitles?.violations ?? [])] : []),
  ]
  return `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="${policy}">
<title>${escapeHtml(title)}</title><style>${css}</style></head>
<body${report.passed ? '' : ' class="failed"'}>
${parts.join('\n')}
</body></html>
`
}

const [yes, no] = ['\u0001yes', '\u0001no']

function table(head: readonly string[], rows: readonly (readonly (string | undefined)[])[]): string {
  const cell = (text: string | undefined = '–') => {
    if (text === yes) return '<td class="yes">passed</td>'
    if (text === no) return '<td class="no">failed</td>'
    return `<td${/^-?[\d.]+(?: (?:s|ms|x|%))?$/.test(text) ? ' class="number"' : ''}>${escapeHtml(text)}</td>`
  }
  return `<table><thead><tr>${head.map((name) => `<th>${escapeHtml(name)}</th>`).join('')}</tr></thead><tbody>
${rows.map((row) => `<tr>${row.map(cell).join('')}</tr>`).join('\n')}
</tbody></table>`
}

function unitTable(speech: NonNullable<OutputReport['speech']>): string {
  const rows = speech.units.map(({ index, cue, old, new: made, iou, speedUp, overrunSeconds }) => {
    const length = (span: typeof old) => span && `${(span.endSeconds - span.startSeconds).toFixed(2)} s`
    const onset = made && `${(1_000 * (made.startSeconds - cue.startSeconds)).toFixed(0)} ms`
    return [String(index + 1), `${cue.startSeconds.toFixed(2)} s`, length(old), length(made), iou === undefined ? undefined : `${(iou * 100).toFixed(0)} %`, onset, `${speedUp.toFixed(2)} x`, `${overrunSeconds.toFixed(2)} s`]
  })
  return table(['Unit', 'Begins', 'Old voice', 'New voice', 'Overlap', 'Onset', 'Pace', 'Overrun'], rows)
}

function figures({ picture, sync, sound, similarity }: OutputReport): string {
  const rows = [
    ['Frames in', number(picture.framesIn)],
    ['Frames out', number(picture.framesOut)],
    ['Frames a second', number(picture.framesPerSecond)],
    ['Sound begins after the picture', `${number(sync.startMs)} ms`],
    ['Sound ends after the picture', `${number(sync.endMs)} ms`],
    ['Loudness', sound.loudnessLufs === undefined ? undefined : `${sound.loudnessLufs.toFixed(1)} LUFS`],
    ['True peak', sound.truePeakDb === undefined ? undefined : `${sound.truePeakDb.toFixed(1)} dBTP`],
    ...(similarity ? [['SSIM of joined parts', similarity.joined.toFixed(6)], ['SSIM of one encode', similarity.single.toFixed(6)]] : []),
  ]
  return table(['', 'Found'], rows)
}

function cueTable(cues: readonly SrtCue[], violations: NonNullable<OutputReport['subtitles']>['violations']): string {
  const broken = groupByCue(violations)
  return table(
    ['Cue', 'From', 'To', 'Text', 'Against the limits'],
    cues.map(({ startSeconds, endSeconds, text }, place) => [
      String(place + 1),
      `${startSeconds.toFixed(3)} s`,
      `${endSeconds.toFixed(3)} s`,
      text,
      (broken.get(place + 1) ?? []).map(({ rule, value, limit }) => `${rule} ${number(value)} (limit ${number(limit)})`).join(', '),
    ]),
  )
}

function groupByCue<Item extends { cue: number }>(items: readonly Item[]): Map<number, Item[]> {
  const groups = new Map<number, Item[]>()
  for (const item of items) groups.set(item.cue, [...(groups.get(item.cue) ?? []), item])
  return groups
}

const number = (value: number): string => String(Math.round(value * 10_000) / 10_000)
