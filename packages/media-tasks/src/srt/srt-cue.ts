/** One subtitle. Times in seconds, to the millisecond; `text` may have several lines. */
export interface SrtCue {
  readonly startSeconds: number
  readonly endSeconds: number
  readonly text: string
}

/** A line of two times. What may follow them are SubRip's coordinates, `X1:40 X2:600 Y1:20 Y2:50`. */
export const timeLine = /^\s*(\d{1,5}):([0-5]\d):([0-5]\d)[,.](\d{3})\s+-->\s+(\d{1,5}):([0-5]\d):([0-5]\d)[,.](\d{3})(?:\s+[XY][12]:\d+)*\s*$/

export const isCueNumber = (line: string | undefined): boolean => line !== undefined && /^\s*\d{1,9}\s*$/.test(line)
export const isBlank = (line: string | undefined): boolean => line !== undefined && line.trim() === ''
