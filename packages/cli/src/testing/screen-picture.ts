import type { Terminal } from '@xterm/headless'

/** The first sixteen colours, as on a dark terminal. */
const palette = ['#586069', '#f2776b', '#67c98a', '#e6b055', '#7db7ff', '#c99bf0', '#5ccfe0', '#d7dee8', '#7d8896', '#ff8a80', '#86e0a3', '#f2c879', '#9cc9ff', '#dab8f7', '#85dfec', '#ffffff']
const [columnPx, rowPx, marginPx, ground, ink] = [8, 17, 16, '#11151c', '#d7dee8']

/** What stands on the screen of a terminal as an SVG: characters in their columns and colours. `prompt`: the line that a person typed. */
export function screenPicture(screen: Terminal, prompt: string): string {
  const rows = Array.from({ length: screen.buffer.active.length }, (_, row) => spansOf(screen, row))
  while (rows.at(-1)?.length === 0) rows.pop()
  const all = [[{ text: prompt, column: 0, colour: palette[15]!, bold: true }], ...rows]
  const [width, height] = [screen.cols * columnPx + 2 * marginPx, all.length * rowPx + 2 * marginPx]
  const texts = all.flatMap((spans, row) =>
    // Each piece as wide as its columns, whatever font there is.
    spans.map(({ text, column, colour, bold }) => `<text x="${marginPx + column * columnPx}" y="${marginPx + rowPx * row + 12}" textLength="${text.length * columnPx}" lengthAdjust="spacingAndGlyphs" fill="${colour}"${bold ? ' font-weight="700"' : ''} xml:space="preserve">${escaped(text)}</text>`),
  )
  return `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}" role="img" aria-label="${escaped(prompt)} in a terminal">
<rect width="100%" height="100%" rx="8" fill="${ground}"/>
<g font-family="ui-monospace, SFMono-Regular, Menlo, Consolas, 'DejaVu Sans Mono', monospace" font-size="13">
${texts.join('\n')}
</g>
</svg>
`
}

interface Span {
  readonly text: string
  readonly column: number
  readonly colour: string
  readonly bold: boolean
}

function spansOf(screen: Terminal, row: number): Span[] {
  const line = screen.buffer.active.getLine(row)!
  const spans: Span[] = []
  for (let column = 0; column < line.length; column++) {
    const cell = line.getCell(column)!
    const [colour, bold] = [cell.isFgPalette() ? (palette[cell.getFgColor()] ?? ink) : cell.isDim() ? palette[8]! : ink, cell.isBold() !== 0]
    const last = spans.at(-1)
    if (last?.colour === colour && last.bold === bold) spans[spans.length - 1] = { ...last, text: last.text + (cell.getChars() || ' ') }
    else spans.push({ text: cell.getChars() || ' ', column, colour, bold })
  }
  return spans.map((span) => ({ ...span, text: span.text.trimEnd() })).filter(({ text }) => text !== '')
}

const escaped = (text: string): string => text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('"', '&quot;')

const runIds = /[\da-f]{8}(?:-[\da-f]{4}){3}-[\da-f]{12}/g

/** Of a picture: what is written in it, without figures, bars and ids, which differ from run to run. */
export const wordsIn = (picture: string): string[] =>
  [...picture.matchAll(/preserve">([^<]*)<\/text>/g)].map(([, text = '']) => text.replaceAll('&quot;', '"').replaceAll('&lt;', '<').replaceAll('&amp;', '&')).flatMap((text) => text.replaceAll(runIds, '').split(/[\s\d█░.%/]+/).filter((word) => word.length > 1))
