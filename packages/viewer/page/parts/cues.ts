/** A text that stands, or is spoken, from one moment to another. */
export interface Cue {
  readonly startSeconds: number
  readonly endSeconds: number
  readonly text: string
}

export const isCue = (value: unknown): value is Cue => {
  if (typeof value !== 'object' || value === null) return false
  const { startSeconds, endSeconds, text } = value as Partial<Record<keyof Cue, unknown>>
  return typeof startSeconds === 'number' && typeof endSeconds === 'number' && typeof text === 'string'
}

/** The first list of cues in a value. */
export function cuesOf(value: unknown): readonly Cue[] {
  if (typeof value !== 'object' || value === null) return []
  if (Array.isArray(value)) return value.length > 0 && value.every(isCue) ? value : value.slice(0, 20).reduce<readonly Cue[]>((found, inside) => (found.length > 0 ? found : cuesOf(inside)), [])
  for (const inside of Object.values(value)) {
    const found = cuesOf(inside)
    if (found.length > 0) return found
  }
  return []
}

const timing = /^\s*(?:(\d+):)?(\d+):(\d+)[.,](\d+)\s*-->\s*(?:(\d+):)?(\d+):(\d+)[.,](\d+)/

/** SubRip or WebVTT, as far as it is either. */
export function parseSubtitles(text: string): Cue[] {
  const cues: Cue[] = []
  const lines = text.split(/\r\n|\r|\n/)
  for (let at = 0; at < lines.length; at++) {
    const found = timing.exec(lines[at]!)
    if (!found) continue
    const said: string[] = []
    while (at + 1 < lines.length && lines[at + 1]!.trim() !== '') said.push(lines[++at]!)
    cues.push({ startSeconds: secondsOf(found, 1), endSeconds: secondsOf(found, 5), text: said.join('\n') })
  }
  return cues
}

function secondsOf(found: RegExpExecArray, from: number): number {
  const [hours = '0', minutes = '0', seconds = '0', fraction = '0'] = found.slice(from, from + 4)
  return Number(hours) * 3_600 + Number(minutes) * 60 + Number(seconds) + Number(`0.${fraction}`)
}
