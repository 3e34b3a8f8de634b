/** What a run of the demo looks like on a terminal, as an SVG: the table of its steps, and the lines that name the results. */
export function runPicture(printed: string): string {
  const table = printed.split('\n').filter((line) => /^[┌│├└]/.test(line))
  const results = printed.split('\n').filter((line) => /^(?:Heard by|Spoken by|MP4|SRT|HTML) /.test(line))
  const lines = ['$ npm run demo', ...table, ...results]
  const [columnPx, rowPx, marginPx] = [8, 17, 16]
  const widthPx = 80 * columnPx + 2 * marginPx
  const heightPx = lines.length * rowPx + 2 * marginPx
  const texts = lines.map((line, row) => {
    const escaped = line.replaceAll('&', '&amp;').replaceAll('<', '&lt;')
    // Each line as wide as its columns, whatever font there is.
    return `<text x="${marginPx}" y="${marginPx + rowPx * row + 12}" textLength="${line.length * columnPx}" lengthAdjust="spacingAndGlyphs" xml:space="preserve">${escaped}</text>`
  })
  return `<svg xmlns="http://www.w3.org/2000/svg" width="${widthPx}" height="${heightPx}" viewBox="0 0 ${widthPx} ${heightPx}" role="img" aria-label="A run of the demo in a terminal">
<rect width="100%" height="100%" rx="8" fill="#11151c"/>
<g fill="#d7dee8" font-family="ui-monospace, SFMono-Regular, Menlo, Consolas, 'DejaVu Sans Mono', monospace" font-size="13">
${texts.join('\n')}
</g>
</svg>
`
}

/** Of a picture or of what was printed: the steps, and how they ended. Figures differ from run to run. */
export const stepsIn = (text: string): string[] => [...text.matchAll(/│ (\w+) +│ (\w+) +│/g)].map(([, step, status]) => `${step} ${status}`)
