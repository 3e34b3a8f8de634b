import type { SubtitleViolation } from '@track-orchestrator/registry/media'
import type { SrtCue } from './parse-srt.ts'
import { spokenText } from './spoken-text.ts'

/** The limits that a person may set: see `subtitleRules` in the registry. */
export interface SubtitleRules {
  readonly maxLineCharacters?: number | undefined
  readonly maxLines: number
  readonly minCueSeconds: number
  readonly maxCueSeconds: number
  readonly maxCharactersPerSecond?: number | undefined
}

/** What may stand in a line, and how much is read in a second. */
export interface ScriptLimits {
  readonly lineCharacters: number
  readonly charactersPerSecond: number
}

/** Chinese, Japanese, Korean: a sign is a syllable or a word, and twice as wide. */
const wideScript = /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Hangul}]/gu

/** The limits for a text: those that were set, else those of the script that most of it is written in. */
export function limitsOf(text: string, rules: Pick<SubtitleRules, 'maxLineCharacters' | 'maxCharactersPerSecond'>): ScriptLimits {
  const letters = text.match(/\p{L}/gu)?.length ?? 0
  const isWide = (text.match(wideScript)?.length ?? 0) * 2 > letters
  return {
    lineCharacters: rules.maxLineCharacters ?? (isWide ? 16 : 42),
    charactersPerSecond: rules.maxCharactersPerSecond ?? (isWide ? 11 : 20),
  }
}

/** How many characters a reader sees: formatting and line breaks are none, an accent is part of its letter. */
export function readCharacters(text: string): number {
  const read = text.replace(/[\r\n]+/g, '')
  if (singleUnits.test(read)) return read.length
  let count = 0
  for (let start = 0; start < read.length; ) {
    const end = start + pieceLength
    const piece = read.slice(start, highSurrogate.test(read.charAt(end - 1)) ? end + 1 : end)
    let last = 0
    for (const { index } of graphemes.segment(piece)) {
      last = index
      count++
    }
    // The last one may go on behind the piece: it is counted with the next.
    const goesOn = last > 0 && start + piece.length < read.length
    if (goesOn) count--
    start += goesOn ? last : piece.length
  }
  return count
}

const graphemes = new Intl.Segmenter(undefined, { granularity: 'grapheme' })
/** UTF-16 code units. Each character that V8 tells of holds a copy of the whole text: of a book in one line that would be all memory. */
const pieceLength = 500
/** What Latin languages are written in, letters and accents being one: each is a character by itself. */
const singleUnits = /^[ -\u02FF]*$/
/** The first half of a character that takes two. */
const highSurrogate = /[\uD800-\uDBFF]/
/** Times in SRT are whole milliseconds. */
const slackSeconds = 0.0015

/** A frame of a slower video is too long a gap: 24 a second is the slowest that counts. */
export const gapOf = ({ minGapFrames }: { readonly minGapFrames: number }, framesPerSecond = 24): number => minGapFrames / Math.max(24, framesPerSecond)

interface Spoken {
  readonly startSeconds: number
  readonly endSeconds: number
}

/** What of the subtitles is against the limits. `framesPerSecond` is the video's; `spoken`, where the voice is heard. */
export function subtitleViolations(
  cues: readonly SrtCue[],
  rules: SubtitleRules & { readonly minGapFrames: number },
  { framesPerSecond, spoken }: { readonly framesPerSecond: number; readonly spoken?: readonly Spoken[] | undefined },
): SubtitleViolation[] {
  const gapSeconds = gapOf(rules, framesPerSecond)
  const found: SubtitleViolation[] = []
  for (const [place, { startSeconds, endSeconds, text }] of cues.entries()) {
    const plain = plainText(text)
    const { lineCharacters, charactersPerSecond } = limitsOf(plain, rules)
    const lines = plain.split('\n')
    const seconds = endSeconds - startSeconds
    const add = (rule: SubtitleViolation['rule'], value: number, limit: number) => void found.push({ cue: place + 1, rule, value: thousandths(value), limit: thousandths(limit) })
    for (const line of lines) if (readCharacters(line) > lineCharacters && /\s|\p{Script=Han}/u.test(line.trim())) add('line_characters', readCharacters(line), lineCharacters)
    if (lines.length > rules.maxLines) add('lines', lines.length, rules.maxLines)
    if (seconds < rules.minCueSeconds - slackSeconds) add('too_short', seconds, rules.minCueSeconds)
    if (seconds > rules.maxCueSeconds + slackSeconds) add('too_long', seconds, rules.maxCueSeconds)
    const pace = readCharacters(plain) / Math.max(0.001, seconds + slackSeconds)
    if (pace > charactersPerSecond) add('characters_per_second', pace, charactersPerSecond)
    const next = cues[place + 1]
    if (next && next.startSeconds - endSeconds < gapSeconds - slackSeconds) add('gap', next.startSeconds - endSeconds, gapSeconds)
  }
  for (const { cue, seconds } of offCues(cues, spoken ?? [])) {
    const limit = onsetFrames / framesPerSecond
    if (seconds > limit + slackSeconds) found.push({ cue, rule: 'onset', value: thousandths(seconds), limit: thousandths(limit) })
  }
  return found.toSorted((a, b) => a.cue - b.cue)
}

/** A subtitle appears within so many frames of the voice. */
const onsetFrames = 3

/** How far subtitles and voice are apart: where a subtitle appears while nobody speaks, and where the voice begins under none. */
function offCues(cues: readonly SrtCue[], spoken: readonly Spoken[]): { cue: number; seconds: number }[] {
  if (cues.length === 0 || spoken.length === 0) return []
  const early = cues.map(({ startSeconds }, place) => ({
    cue: place + 1,
    seconds: spoken.some((span) => span.startSeconds <= startSeconds && startSeconds < span.endSeconds) ? 0 : nearest(spoken, startSeconds).distance,
  }))
  const late = spoken.map(({ startSeconds }) => {
    const shown = cues.findIndex((cue) => cue.startSeconds <= startSeconds && startSeconds < cue.endSeconds)
    const { place, distance } = nearest(cues, startSeconds)
    return { cue: place + 1, seconds: shown < 0 ? distance : 0 }
  })
  return [...early, ...late]
}

function nearest(spans: readonly Spoken[], seconds: number): { place: number; distance: number } {
  const distances = spans.map(({ startSeconds }) => Math.abs(startSeconds - seconds))
  const distance = distances.reduce((least, value) => Math.min(least, value), Infinity)
  return { place: distances.indexOf(distance), distance }
}

const thousandths = (value: number): number => Math.round(value * 1_000) / 1_000

const plainText = (text: string): string =>
  text
    .split(/\r\n|\r|\n/)
    .map((line) => spokenText(line) || line.trim())
    .join('\n')
