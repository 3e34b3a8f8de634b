import { piecesOf, spaceBetween, type LineWord } from '../speech/joined-words.ts'
import { srtText } from './format-srt.ts'
import type { SrtCue } from './parse-srt.ts'
import { limitsOf, readCharacters, type SubtitleRules } from './subtitle-limits.ts'

/** What is said in one go, and where it is heard. */
export interface SpokenUnit {
  readonly text: string
  readonly startSeconds: number
  readonly endSeconds: number
  readonly speaker?: number | undefined
  /** Where the voice is silent in between, counted from the unit's start. */
  readonly pauses: readonly { readonly startSeconds: number; readonly endSeconds: number }[]
}

export interface SpokenCueRules extends SubtitleRules {
  /** Least time between two cues. */
  readonly gapSeconds: number
  /** When everything ends. */
  readonly durationSeconds: number
}

/** A cue that may still take the silence after it. */
interface OpenCue {
  startSeconds: number
  endSeconds: number
  words: readonly LineWord[]
  readonly speaker: number | undefined
}

/**
 * Subtitles of what is spoken: each appears with the voice, and stays as long as it takes to read, as far as there is time before the next. A unit that
 * is too long is divided where its words allow, best after a comma, and where the voice pauses there; one that is too short to be read is shown together
 * with the one before or after it, if they follow each other and fit.
 */
export function spokenCues(units: readonly SpokenUnit[], rules: SpokenCueRules): SrtCue[] {
  const ordered = units
    .filter(({ startSeconds, endSeconds }) => endSeconds > startSeconds && startSeconds < rules.durationSeconds)
    .toSorted((a, b) => a.startSeconds - b.startSeconds)
  const cues = joinShort(ordered.flatMap((unit) => divided(unit, rules)), rules)
  return cues
    .map(({ startSeconds, words }, place): SrtCue => {
      const text = linesOf(words, rules).join('\n')
      const nextSeconds = cues[place + 1]?.startSeconds ?? Infinity
      return { startSeconds: thousandths(startSeconds), endSeconds: shownUntil(cues[place] as OpenCue, text, nextSeconds, rules), text }
    })
    .filter(({ startSeconds, endSeconds, text }) => endSeconds > startSeconds && text !== '')
}

/** To the end of the voice, and on until it can be read; before the next one, and within the limit of a cue. */
function shownUntil({ startSeconds, endSeconds }: OpenCue, text: string, nextSeconds: number, rules: SpokenCueRules): number {
  const readSeconds = readCharacters(text) / (limitsOf(text, rules).charactersPerSecond - 0.01)
  const wanted = Math.max(endSeconds, startSeconds + rules.minCueSeconds, startSeconds + readSeconds)
  const end = Math.min(wanted, startSeconds + rules.maxCueSeconds, nextSeconds - rules.gapSeconds, rules.durationSeconds)
  return Math.floor(end * 1_000) / 1_000
}

/** The unit as cues that fit the limits, their times where the voice comes to their words. */
function divided(unit: SpokenUnit, rules: SpokenCueRules): OpenCue[] {
  const words = wordsOf(unit.text)
  if (words.length === 0) return []
  const length = unit.endSeconds - unit.startSeconds
  const signs = (part: readonly LineWord[]) => part.reduce((sum, { text }) => sum + text.length + 1, 0)
  const whole = signs(words)
  const secondsAt = (place: number) => (place === 0 ? 0 : place === words.length ? length : nearPause((signs(words.slice(0, place)) / whole) * length, unit))
  const divide = (from: number, to: number): OpenCue[] => {
    const part = words.slice(from, to)
    const cue = { startSeconds: unit.startSeconds + secondsAt(from), endSeconds: unit.startSeconds + secondsAt(to), words: part, speaker: unit.speaker }
    if (part.length < 2 || fits(cue, rules)) return [cue]
    const at = from + bestDivision(part)
    return [...divide(from, at), ...divide(at, to)]
  }
  return divide(0, words.length)
}

/** A pause ends this near to where it would be by the number of letters, as a share of the unit. */
const pauseShare = 0.12

/** Where the voice goes on after the pause that is nearest, if one is near; else where it would be by the number of letters. */
function nearPause(seconds: number, { pauses, startSeconds, endSeconds }: SpokenUnit): number {
  const near = Math.max(0.3, (endSeconds - startSeconds) * pauseShare)
  const ends = pauses.map((pause) => pause.endSeconds).filter((end) => Math.abs(end - seconds) <= near)
  return ends.reduce((best, end) => (Math.abs(end - seconds) < Math.abs(best - seconds) ? end : best), ends[0] ?? seconds)
}

function fits({ startSeconds, endSeconds, words }: OpenCue, rules: SpokenCueRules): boolean {
  return endSeconds - startSeconds <= rules.maxCueSeconds && linesOf(words, rules).length <= rules.maxLines
}

/** The word with which the second part begins: near the middle, better after a comma. */
function bestDivision(words: readonly LineWord[]): number {
  const middle = words.length / 2
  let best = { at: Math.max(1, Math.round(middle)), cost: Infinity }
  for (let at = Math.max(1, Math.ceil(words.length / 4)); at <= Math.min(words.length - 1, Math.floor((words.length * 3) / 4)); at++) {
    const comma = /[,;:—–、，；：،؛.!?。！？]["'”’»)\]」』）]*$/.test(words[at - 1]?.text ?? '') ? 0.5 : 0
    const glued = words[at]?.glued && !comma ? 0.1 : 0
    const cost = Math.abs(at - middle) / middle - comma + glued
    if (cost < best.cost) best = { at, cost }
  }
  return best.at
}

/** Cues that are too short to be read, and follow each other without a pause that would do, become one. */
function joinShort(cues: readonly OpenCue[], rules: SpokenCueRules): OpenCue[] {
  const joined: OpenCue[] = []
  for (const [place, cue] of cues.entries()) {
    const last = joined.at(-1)
    const both = last && { startSeconds: last.startSeconds, endSeconds: cue.endSeconds, words: [...last.words, ...cue.words], speaker: last.speaker }
    const canJoin = last !== undefined && both !== undefined && last.speaker === cue.speaker && fits(both, rules) && cue.startSeconds - last.endSeconds < rules.minCueSeconds
    if (canJoin && (isShort(last, cue.startSeconds, rules) || isShort(cue, cues[place + 1]?.startSeconds ?? rules.durationSeconds, rules))) joined[joined.length - 1] = both
    else joined.push(cue)
  }
  return joined
}

function isShort({ startSeconds, words }: OpenCue, nextSeconds: number, rules: SpokenCueRules): boolean {
  const text = linesOf(words, rules).join('\n')
  const needed = Math.max(rules.minCueSeconds, readCharacters(text) / limitsOf(text, rules).charactersPerSecond)
  return nextSeconds - rules.gapSeconds - startSeconds < needed - 0.001
}

/** The words as SubRip can hold them, in the parts that their language has. */
function wordsOf(text: string): LineWord[] {
  return srtText(text)
    .split(/\s+/)
    .filter((word) => word !== '')
    .flatMap((word) => piecesOf(word).map((piece, place): LineWord => (place > 0 ? { text: piece, glued: true } : { text: piece })))
}

function linesOf(words: readonly LineWord[], rules: SubtitleRules): string[] {
  const limit = limitsOf(words.map(({ text }) => text).join(''), rules).lineCharacters
  const fill = (width: number): string[] => {
    const lines: string[] = []
    for (const word of words) {
      const last = lines.at(-1)
      const joined = last === undefined ? word.text : `${last}${spaceBetween(last, word)}${word.text}`
      if (last !== undefined && readCharacters(joined) <= width) lines[lines.length - 1] = joined
      else lines.push(word.text)
    }
    return lines
  }
  const lines = fill(limit)
  if (lines.length < 2) return lines
  // As even as they can be in as many lines: no word alone in the last one.
  for (let width = Math.ceil(readCharacters(lines.join(' ')) / lines.length); width < limit; width++) {
    const even = fill(width)
    if (even.length === lines.length && even.every((line) => readCharacters(line) <= limit)) return even
  }
  return lines
}

const thousandths = (value: number): number => Math.round(value * 1_000) / 1_000
