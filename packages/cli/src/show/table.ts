import { printable } from '@track-orchestrator/core/console'
import { columnsOf, splitAt } from './columns.ts'

/** A column of a table. */
export interface Column {
  readonly head: string
  /** It gives way where the table is wider than the terminal, and what is in it goes on below. */
  readonly wraps?: boolean
  /** Its cells are words for how things stand. */
  readonly tells?: boolean
}

const gap = 2
/** No column gives way below this. */
const narrowest = 8
/** What is longer, such as an error that quotes a page, is told whole by `--json` only. */
const longestCell = 500

/** A table of so many columns of a terminal at most, as far as the words in it allow. `paint`: what a word for how things stand looks like. */
export function tableOf(columns: readonly Column[], rows: readonly (readonly string[])[], width: number, paint = (word: string) => word): string {
  const cells = [columns.map(({ head }) => head), ...rows.map((row) => row.map(cellOf))]
  const widths = narrowed(columns, columns.map((_, index) => cells.reduce((most, row) => Math.max(most, columnsOf(row[index]!)), 0)), width)
  const lines = cells.flatMap((row, rowIndex) => {
    const wrapped = row.map((cell, index) => wrap(cell, widths[index]!).split('\n'))
    const height = Math.max(...wrapped.map((cell) => cell.length))
    return Array.from({ length: height }, (_, line) =>
      wrapped.map((cell, index) => {
        const text = cell[line] ?? ''
        return `${rowIndex > 0 && columns[index]!.tells ? paint(text) : text}${' '.repeat(Math.max(0, widths[index]! - columnsOf(text)))}`
      }).join(' '.repeat(gap)).trimEnd(),
    )
  })
  return lines.filter((line) => line !== '').join('\n')
}

function cellOf(text: string): string {
  const shown = printable(text)
  return shown.length > longestCell ? `${shown.slice(0, longestCell)} … (${shown.length - longestCell} more characters)` : shown
}

/** The widest of those that may gives way first, and no further than the next one needs. */
function narrowed(columns: readonly Column[], wanted: readonly number[], width: number): number[] {
  const widths = [...wanted]
  const flexible = columns.flatMap(({ wraps }, index) => (wraps ? [index] : []))
  for (;;) {
    const excess = widths.reduce((sum, one) => sum + one + gap, 0) - gap - width
    const [widest, next] = flexible.toSorted((a, b) => widths[b]! - widths[a]!)
    if (excess <= 0 || widest === undefined || widths[widest]! <= narrowest) return widths
    const floor = Math.max(narrowest, next === undefined ? 0 : widths[next]!)
    widths[widest]! -= Math.min(excess, Math.max(1, widths[widest]! - floor))
  }
}

/** Lines of so many columns, broken at spaces and behind slashes where there are any, long words such as ids behind a dash. */
export function wrap(text: string, width: number): string {
  const lines: string[] = []
  let line = ''
  for (const word of text.split(/(?<=[\s/])/)) {
    if (columnsOf(line + word.trimEnd()) > width && line !== '') {
      lines.push(line.trimEnd())
      line = ''
    }
    let rest = word
    for (let [start, more] = splitAt(rest, width); start !== '' && more.trimEnd() !== ''; [start, more] = splitAt(rest, width)) {
      const joint = Math.max(start.lastIndexOf('-'), start.lastIndexOf('_')) + 1
      const end = joint > start.length / 2 ? joint : start.length
      lines.push(rest.slice(0, end))
      rest = rest.slice(end)
    }
    line += rest
  }
  return [...lines, line.trimEnd()].join('\n')
}

/** What Markdown would read as more than text. */
const meaning = /[\\|<*`~]|\](?=[([])|&(?=#?\w+;)|(?<![\p{L}\p{N}])_|_(?![\p{L}\p{N}])/gu

/** Text that a page of Markdown shows as it is. */
export const markdownText = (text: string): string => text.replaceAll(meaning, (character) => `\\${character}`)

/** The same for a page of Markdown. */
export function markdownTable(columns: readonly Column[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]) => `| ${cells.join(' | ')} |`
  return [line(columns.map(({ head }) => head)), line(columns.map(() => '---')), ...rows.map((row) => line(row.map((cell) => markdownText(printable(cell)))))].join('\n')
}
