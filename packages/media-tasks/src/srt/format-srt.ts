import type { SrtCue } from './parse-srt.ts'

/**
 * The cues as SubRip text: numbered from 1, lines ended by `\n`, milliseconds rounded. What SubRip cannot hold is changed:
 * blank lines in a text are left out, control characters become spaces, and `-->` becomes `→`.
 */
export function formatSrt(cues: readonly SrtCue[]): string {
  return cues
    .map(({ startSeconds, endSeconds, text }, index) => `${index + 1}\n${formatClock(startSeconds, ',')} --> ${formatClock(endSeconds, ',')}\n${srtText(text)}\n`)
    .join('\n')
}

/** A text as a cue can hold it. */
export function srtText(text: string): string {
  return text
    .replace(/-->/g, '→')
    .split(/\r\n|\r|\n/)
    .map((line) => line.replace(/[\p{Cc}\p{Cs}\u{FEFF}]/gu, ' ').trimEnd())
    .filter((line) => line.trim() !== '')
    .join('\n')
}

/** `00:01:02,345`, with a comma (SubRip) or a full stop (WebVTT) before the milliseconds, which are rounded. */
export function formatClock(seconds: number, mark: ',' | '.'): string {
  const milliseconds = Math.round(seconds * 1_000)
  const part = (unit: number, modulo: number, width: number) => String(Math.floor(milliseconds / unit) % modulo).padStart(width, '0')
  const hours = String(Math.floor(milliseconds / 3_600_000)).padStart(2, '0')
  return `${hours}:${part(60_000, 60, 2)}:${part(1_000, 60, 2)}${mark}${part(1, 1_000, 3)}`
}
