import Table from 'cli-table3'

/** A column: its head, and how many columns of the terminal it takes, two of them blanks. */
export type Column = readonly [head: string, width: number]

/** A table as a person reads it in a terminal of 80 columns: what is too long for its column goes on below. A row of one cell goes across all columns. */
export function tableOf(columns: readonly Column[], rows: readonly (readonly string[])[]): string {
  const table = new Table({ head: columns.map(([head]) => head), colWidths: columns.map(([, width]) => width), wordWrap: true, style: { head: [], border: [], compact: true } })
  for (const row of rows) table.push(row.length === 1 ? [{ content: row[0]!, colSpan: columns.length }] : [...row])
  return table.toString()
}
