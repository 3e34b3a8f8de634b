import Table from 'cli-table3'
import { printable } from '@track-orchestrator/core/console'

/** A column of a table. */
export interface Column {
  readonly head: string
  /** It gives way where the table is wider than the terminal, and what is in it goes on below. */
  readonly wraps?: boolean
}

const gap = 2
const none = ['top', 'top-mid', 'top-left', 'top-right', 'bottom', 'bottom-mid', 'bottom-left', 'bottom-right', 'left', 'left-mid', 'mid', 'mid-mid', 'right', 'right-mid', 'middle'] as const

/** A table of so many columns of a terminal at most, as far as the words in it allow. */
export function tableOf(columns: readonly Column[], rows: readonly (readonly string[])[], width: number): string {
  const cells = rows.map((row) => row.map(printable))
  const widths = columns.map(({ head }, index) => Math.max(head.length, ...cells.map((row) => Array.from(row[index] ?? '').length)))
  const flexible = columns.flatMap(({ wraps }, index) => (wraps ? [index] : []))
  const excess = () => widths.reduce((sum, one) => sum + one + gap, 0) - gap - width
  // The widest of those that may gives way first.
  while (excess() > 0) {
    const [widest] = flexible.toSorted((a, b) => widths[b]! - widths[a]!)
    if (widest === undefined || widths[widest]! <= 8) break
    widths[widest]! -= Math.min(excess(), Math.max(1, widths[widest]! - 8))
  }
  const table = new Table({
    head: columns.map(({ head }) => head),
    colWidths: widths.map((one, index) => one + (index === widths.length - 1 ? 0 : gap)),
    chars: Object.fromEntries(none.map((name) => [name, ''])),
    style: { head: [], border: [], 'padding-left': 0, 'padding-right': 0 },
  })
  const wrapped = cells.map((row) => row.map((cell, index) => wrap(cell, widths[index]!)))
  table.push(...wrapped)
  return table.toString().split('\n').map((line) => line.trimEnd()).filter((line) => line !== '').join('\n')
}

/** Lines of so many characters, broken at spaces and behind slashes where there are any. */
export function wrap(text: string, width: number): string {
  const lines: string[] = []
  let line = ''
  for (const word of text.split(/(?<=[\s/])/)) {
    if (Array.from(line + word.trimEnd()).length > width && line !== '') {
      lines.push(line.trimEnd())
      line = ''
    }
    let rest = Array.from(word)
    while (rest.length > width && Array.from(rest.join('').trimEnd()).length > width) {
      lines.push(rest.slice(0, width).join(''))
      rest = rest.slice(width)
    }
    line += rest.join('')
  }
  return [...lines, line.trimEnd()].join('\n')
}

/** The same for a page of Markdown. */
export function markdownTable(columns: readonly Column[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]) => `| ${cells.map((cell) => printable(cell).replaceAll('|', '\\|')).join(' | ')} |`
  return [line(columns.map(({ head }) => head)), line(columns.map(() => '---')), ...rows.map(line)].join('\n')
}
