import { TerminalError } from '@track-orchestrator/registry'

/** One subtitle. Times in seconds, to the millisecond; `text` may have several lines. */
export interface SrtCue {
  readonly startSeconds: number
  readonly endSeconds: number
  readonly text: string
}

/** A line of two times. What may follow them are SubRip's coordinates, `X1:40 X2:600 Y1:20 Y2:50`, and WebVTT's settings, `position:50% line:0`. */
const clock = String.raw`(?:(\d{1,5}):)?([0-5]?\d):([0-5]?\d)(?:[,.](\d{3}))?`
const setting = String.raw`[XY][12]:\d+|(?:position|line|size|align|vertical|region):[^\s:]+`
const timeLine = new RegExp(String.raw`^\s*${clock}\s*-->\s*${clock}(?:\s+(?:${setting}))*\s*$`)
const isCueNumber = (line: string | undefined): boolean => line !== undefined && /^\s*\d{1,9}\s*$/.test(line)
const isBlank = (line: string | undefined): boolean => line !== undefined && line.trim() === ''

/**
 * The cues of a SubRip text, in the order of the text. It may begin with a byte order mark, use any line ends, `.` before the
 * milliseconds or none of them, more than 99 hours or none, no spaces around the arrow, blank lines in a cue, and lack numbers and blank lines between cues.
 * Throws `TerminalError` `media/srt_invalid`, naming the line, where it is anything else: what is guessed would be spoken.
 */
export function parseSrt(srt: string): SrtCue[] {
  const lines = srt.replace(/^\u{FEFF}/u, '').split(/\r*\n|\r/)
  const cues: SrtCue[] = []
  let at = skipBlank(lines, 0)
  while (at < lines.length) {
    const number = isCueNumber(lines[at]) ? Number(lines[at]) : undefined
    const afterBlank = skipBlank(lines, at + 1)
    const timesAt = number === undefined ? at : afterBlank < lines.length ? afterBlank : at + 1
    const cue = readTimes(lines[timesAt], timesAt)
    const end = endOfText(lines, timesAt + 1)
    cues.push({ ...cue, text: textOf(withoutNext(lines.slice(timesAt + 1, end), number)) })
    at = end
  }
  return cues
}

function readTimes(line: string | undefined, at: number): Omit<SrtCue, 'text'> {
  const parts = timeLine.exec(line ?? '')
  if (!parts) fail(at, `expected two times such as 00:00:01,500 --> 00:00:04,000, got ${shown(line)}`)
  const [startSeconds, endSeconds] = [seconds(parts.slice(1, 5)), seconds(parts.slice(5, 9))]
  if (endSeconds < startSeconds) fail(at, `the cue ends before it begins: ${shown(line)}`)
  return { startSeconds, endSeconds }
}

/** Where the next cue begins: at two times, or the number before them. A blank line may be missing there, as players allow. */
function endOfText(lines: readonly string[], from: number): number {
  for (let at = from; at < lines.length; at++) {
    const isHead = timeLine.test(lines[at] ?? '')
    if (!isHead) {
      if (lines[at]?.includes('-->')) readTimes(lines[at], at)
      continue
    }
    const head = at > from && isCueNumber(lines[at - 1]) ? at - 1 : at
    return head
  }
  return lines.length
}

/** Where a text was cut off after the number of another cue, that is nothing to be said. */
function withoutNext(lines: readonly string[], number: number | undefined): readonly string[] {
  const last = lines.findLastIndex((line) => !isBlank(line))
  const isNext = number !== undefined && last > 0 && isBlank(lines[last - 1]) && Number(lines[last]) === number + 1
  return isNext ? lines.slice(0, last) : lines
}

function textOf(lines: readonly string[]): string {
  let end = lines.length
  while (end > 0 && isBlank(lines[end - 1])) end--
  return lines.slice(skipBlank(lines, 0), end).map((line) => line.trimEnd()).join('\n')
}

function skipBlank(lines: readonly string[], from: number): number {
  let at = from
  while (at < lines.length && isBlank(lines[at])) at++
  return at
}

function seconds(parts: readonly (string | undefined)[]): number {
  const [hours = 0, minutes = 0, whole = 0, milliseconds = 0] = parts.map((part) => Number(part ?? 0))
  return (hours * 3_600_000 + minutes * 60_000 + whole * 1_000 + milliseconds) / 1_000
}

function fail(at: number, why: string): never {
  throw new TerminalError(`The SRT is wrong in line ${at + 1}: ${why}`, { code: 'media/srt_invalid' })
}

function shown(line: string | undefined): string {
  return line === undefined ? 'the end of the text' : JSON.stringify(line.length > 80 ? `${line.slice(0, 80)}…` : line)
}
