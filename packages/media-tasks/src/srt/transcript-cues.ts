import type { Transcript, TranscriptWord } from '@track-orchestrator/registry/media'
import { wordsOfUtterances } from '../speech/utterances.ts'
import { srtText } from './format-srt.ts'
import type { SrtCue } from './parse-srt.ts'
import { limitsOf } from './subtitle-limits.ts'
import { beforeEnd, notedSeconds } from './before-end.ts'
import { piecesOf, spaceBetween } from '../speech/joined-words.ts'
import { speechRuns, type RunWord, type SpeechRun } from './speech-runs.ts'

/** How cues are cut: see the input of `convert_json_to_srt`. */
export interface CueRules {
  /** Default: see `limitsOf`, by the script that most of the words are written in. */
  readonly maxLineCharacters?: number | undefined
  readonly maxLines: number
  readonly maxCueSeconds: number
  readonly maxGapSeconds: number
  /** How long the video is: what is said after it has no cue. Default: no end. */
  readonly durationSeconds?: number | undefined
}

/** A cue, and who speaks in it where that is known. */
export interface TranscriptCue extends SrtCue {
  readonly speaker?: number
}

/**
 * Cues of what was said, in order of time, never one over the other. A cue holds one speaker and at most one sentence; a sentence
 * that is too long for the rules is divided in its middle parts: after a comma or in a pause, if there is one. `note` is told what had
 * to be repaired.
 */
export function transcriptCues(transcript: Transcript, asked: CueRules, note: (text: string) => void = () => {}): TranscriptCue[] {
  const spoken = transcript.words.length > 0 ? transcript.words : wordsOfUtterances(transcript.utterances)
  const rules = { ...asked, maxLineCharacters: limitsOf(spoken.map(({ text }) => text).join(' '), asked).lineCharacters }
  const runs = speechRuns(spoken.flatMap(cleaned), rules.maxGapSeconds).flatMap((run) => divide(run, rules))
  const cues = beforeEnd(asked.durationSeconds, runs.map((run) => cueOf(run, rules)), note)
  const result = seen(cues, rules.maxCueSeconds)
  const moved = result.filter(({ startSeconds, endSeconds }, place) => differs(startSeconds, cues[place]?.startSeconds) || differs(endSeconds, cues[place]?.endSeconds)).length
  if (moved > 0) note(`${moved} cues began together, lasted next to nothing or lay over each other: they are shown one after the other.`)
  return result
}

const differs = (seconds: number, other = seconds): boolean => Math.abs(seconds - other) > notedSeconds

/** The word in one line and as SubRip can hold it, in the parts that its language has; left out where nothing remains of it. */
function cleaned(word: TranscriptWord): RunWord[] {
  const text = srtText(word.text).replace(/\s+/g, ' ').trim()
  if (text === '') return []
  let startSeconds = word.startSeconds
  const secondsEach = Math.max(0, word.endSeconds - word.startSeconds) / text.length
  return piecesOf(text).map((piece, place): RunWord => {
    const part = { ...word, text: piece, startSeconds, endSeconds: startSeconds + piece.length * secondsEach, ...(place > 0 && { glued: true }) }
    startSeconds = part.endSeconds
    return part
  })
}

type SetRules = CueRules & { readonly maxLineCharacters: number }

function divide(run: SpeechRun, rules: SetRules): SpeechRun[] {
  if (run.length < 2 || fits(run, rules)) return [run]
  const at = bestDivision(run)
  return [...divide(run.slice(0, at), rules), ...divide(run.slice(at), rules)]
}

function fits(run: SpeechRun, { maxCueSeconds, maxLineCharacters, maxLines }: SetRules): boolean {
  return run.length <= maxLines * maxLineCharacters && endOf(run) - startOf(run) <= maxCueSeconds && linesOf(run, maxLineCharacters).length <= maxLines
}

/** Pauses shorter than this are mere articulation, in seconds. */
const pauseSeconds = 0.15

/** The word with which the second part begins: near the middle, better after a comma or a pause; neither part under a quarter. */
function bestDivision(run: SpeechRun): number {
  const middle = run.length / 2
  let best = { at: Math.round(middle), cost: Infinity }
  for (let at = Math.max(1, Math.ceil(run.length / 4)); at <= Math.min(run.length - 1, Math.floor((run.length * 3) / 4)); at++) {
    const [before, after] = [run[at - 1], run[at]]
    if (!before || !after) continue
    const distance = Math.abs(at - middle) / middle
    const comma = /[,;:—–、，；：،؛-]["'”’»)\]」』）]*$/.test(before.text) ? 0.4 : 0
    const pause = after.startSeconds - before.endSeconds >= pauseSeconds ? 0.3 : 0
    const cost = distance - comma - pause
    if (cost < best.cost) best = { at, cost }
  }
  return best.at
}

function cueOf(run: SpeechRun, { maxCueSeconds, maxLineCharacters }: SetRules): TranscriptCue {
  const startSeconds = milliseconds(startOf(run))
  const endSeconds = Math.max(startSeconds, milliseconds(Math.min(endOf(run), startSeconds + maxCueSeconds)))
  const speaker = run[0]?.speaker
  return { startSeconds, endSeconds, text: linesOf(run, maxLineCharacters).join('\n'), ...(speaker !== undefined && { speaker }) }
}

/** What is shorter is not seen, in milliseconds. */
const leastCueMs = 100

/** Each cue ends before the next begins, and can be seen: those that begin together, or last nothing, share the time up to the next one. */
function seen(cues: readonly TranscriptCue[], maxCueSeconds: number): TranscriptCue[] {
  const result: TranscriptCue[] = []
  for (let at = 0; at < cues.length; ) {
    const first = cues[at] as TranscriptCue
    const startMs = Math.max(toMs(first.startSeconds), toMs(result.at(-1)?.endSeconds ?? 0))
    let end = at + 1
    while (end < cues.length && toMs((cues[end] as TranscriptCue).startSeconds) < startMs + leastCueMs * (end - at)) end++
    const group = cues.slice(at, end)
    const nextMs = end < cues.length ? toMs((cues[end] as TranscriptCue).startSeconds) : Infinity
    const lastMs = group.reduce((latest, { endSeconds }) => Math.max(latest, toMs(endSeconds)), startMs + group.length * leastCueMs)
    const untilMs = Math.min(nextMs, lastMs, startMs + group.length * maxCueSeconds * 1_000)
    const eachMs = (untilMs - startMs) / group.length
    group.forEach((cue, place) => {
      const [fromMs = 0, thenMs = 0] = [place, place + 1].map((edge) => Math.round(startMs + edge * eachMs))
      result.push({ ...cue, startSeconds: fromMs / 1_000, endSeconds: thenMs / 1_000 })
    })
    at = end
  }
  return result
}

const toMs = (seconds: number): number => Math.round(seconds * 1_000)

const startOf = (run: SpeechRun): number => run[0]?.startSeconds ?? 0
const endOf = (run: SpeechRun): number => run.reduce((end, word: TranscriptWord) => Math.max(end, word.endSeconds), 0)

/** The words in as few lines as they need, none longer than `maxCharacters`, save that a longer word stands alone in its line. */
function linesOf(run: SpeechRun, maxCharacters: number): string[] {
  const lines: string[] = []
  for (const word of run) {
    const last = lines.at(-1)
    const joined = last === undefined ? word.text : `${last}${spaceBetween(last, word)}${word.text}`
    if (last !== undefined && joined.length <= maxCharacters) lines[lines.length - 1] = joined
    else lines.push(word.text)
  }
  return lines
}

/** Rounded alike for an end and the start that follows it, so that they cannot cross. */
const milliseconds = (seconds: number): number => Math.round(seconds * 1_000) / 1_000
