/** A file of the list: a plain name beside it, and when the next one begins, counted from this one's start. */
export interface ConcatEntry {
  readonly name: string
  /** Absent for the last one: it ends where it ends. */
  readonly durationSeconds?: number
}

/** A list for the concat demuxer (ffmpeg manual, "concat"). Durations are spelt out: those in the files' headers are rounded. */
export function writeFfconcat(entries: readonly ConcatEntry[]): string {
  const lines = entries.flatMap(({ name, durationSeconds }) => [
    `file ${name}`,
    ...(durationSeconds === undefined ? [] : [`duration ${durationSeconds.toFixed(6)}`]),
  ])
  return ['ffconcat version 1.0', ...lines, ''].join('\n')
}
