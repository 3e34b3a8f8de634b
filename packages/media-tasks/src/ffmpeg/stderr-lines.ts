/** How many lines are kept: the last ones tell why a process failed. */
const keptLines = 200
/** Most of one line, in characters: tags of a file can be as long as the file. */
const longestLine = 2_000

/** What terminals and viewers of logs obey instead of showing it: controls, separators of lines, directions of writing, half characters. */
const obeyed = /[\p{Cc}\p{Zl}\p{Zp}\p{Cs}\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]/gu

/** A line of a process that has read a stranger's file, so that it can be shown: bounded, and what would be obeyed written out (`\u001b`). */
export function shownLine(line: string): string {
  const bounded = line.length > longestLine ? `${line.slice(0, longestLine)}…` : line
  return bounded.replaceAll('\t', ' ').replace(obeyed, (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`)
}

/** The last lines of a process's stderr. */
export interface StderrLines {
  /** A piece of it, as it comes: lines may end in a later one. */
  add(text: string): void
  /** What came last, without a line end, is a line too. */
  end(): void
  readonly lines: readonly string[]
}

/** Collects lines as `shownLine` gives them. `seen` is asked first: what it answers true to is not kept. Memory stays flat, whatever is written. */
export function collectLines(seen: (line: string) => boolean = () => false): StderrLines {
  const lines: string[] = []
  let rest = ''
  const keep = (line: string) => {
    if (line === '' || seen(line)) return
    if (lines.push(shownLine(line)) > keptLines) lines.shift()
  }
  return {
    lines,
    add(text) {
      const parts = text.split(/\r\n|\r|\n/)
      parts[0] = rest + (parts[0] ?? '')
      rest = (parts.pop() ?? '').slice(0, longestLine + 1)
      for (const line of parts) keep(line)
    },
    end() {
      keep(rest)
      rest = ''
    },
  }
}
