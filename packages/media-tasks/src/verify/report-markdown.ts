import type { OutputReport } from '@track-orchestrator/registry/media'

/** The report as Markdown: what was checked, then each spoken unit, then what of the subtitles is against the limits. */
export function reportMarkdown(title: string, summary: string, { checks, notMeasured = [], speech, subtitles }: OutputReport): string {
  const parts = [`# ${escaped(title)}`, escaped(summary), table(['Check', 'Found', 'Wanted', 'Passed'], [...checks.map(({ name, value, wanted, passed }) => [name, String(value), wanted, passed ? 'yes' : '**no**']), ...notMeasured.map(({ name, why }) => [name, 'not measured', why, '–'])])]
  if (speech) {
    const rows = speech.units.map(({ index, cue, new: made, iou, speedUp, overrunSeconds }) => [
      ...[index + 1, cue.startSeconds.toFixed(2), (cue.endSeconds - cue.startSeconds).toFixed(2)].map(String),
      ...(made ? [(made.endSeconds - made.startSeconds).toFixed(2), (1_000 * (made.startSeconds - cue.startSeconds)).toFixed(0)] : ['–', '–']),
      ...[iou?.toFixed(2) ?? '–', speedUp.toFixed(2), overrunSeconds.toFixed(2)],
    ])
    parts.push('## Speech', table(['Unit', 'Begins (s)', 'Slot (s)', 'Heard (s)', 'Onset (ms)', 'IoU', 'Pace', 'Overrun (s)'], rows))
  }
  if (subtitles && subtitles.violations.length > 0) {
    parts.push('## Subtitles against the limits', table(['Cue', 'Rule', 'Found', 'Limit'], subtitles.violations.map(({ cue, rule, value, limit }) => [String(cue), rule, String(value), String(limit)])))
  }
  return `${parts.join('\n\n')}\n`
}

const table = (head: readonly string[], rows: readonly (readonly string[])[]): string =>
  [head, head.map(() => '---'), ...rows].map((row) => `| ${row.join(' | ')} |`).join('\n')

/** Nothing of a stranger's name is a link, a picture or HTML. */
const escaped = (text: string): string => text.replace(/[\p{Cc}]/gu, ' ').replace(/[\\`*_{}[\]<>()#|!]/g, '\\$&')
