import { formatClock, srtText } from './format-srt.ts'
import type { SrtCue } from './parse-srt.ts'

/**
 * The cues as WebVTT (W3C, "WebVTT: The Web Video Text Tracks Format", section 4). Italics, bold and underline stay; other marks of SubRip
 * do not, and what would be taken for one is written out.
 */
export function formatVtt(cues: readonly SrtCue[]): string {
  const blocks = cues.map(({ startSeconds, endSeconds, text }) => `${formatClock(startSeconds, '.')} --> ${formatClock(endSeconds, '.')}\n${vttText(text)}\n`)
  return ['WEBVTT\n', ...blocks].join('\n')
}

function vttText(text: string): string {
  return srtText(text)
    .replace(/\{\\[^{}]{0,200}\}/g, '')
    .replace(/<\/?(?![ibu]>)[a-z][^<>]{0,200}>/gi, '')
    .replace(/&/g, '&amp;')
    .replace(/<(?!\/?[ibu]>)/g, '&lt;')
}
