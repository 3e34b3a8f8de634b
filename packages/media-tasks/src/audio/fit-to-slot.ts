/** When a clip should sound, and how long it is. Seconds. */
export interface Slot {
  readonly startSeconds: number
  readonly endSeconds: number
  /** When the next cue begins; nothing after the last. */
  readonly nextStartSeconds?: number | undefined
  /** When everything ends, if that is fixed. */
  readonly lastSeconds?: number | undefined
  /** Without the silence around it. */
  readonly spokenSeconds: number
}

export interface FitRules {
  /** From 1. */
  readonly maxSpeedUp: number
  readonly borrowSilence: boolean
}

/** How a clip is to be made to fit. */
export interface Fit {
  /** 1 is as spoken. */
  readonly speedUp: number
  readonly slotSeconds: number
  /** The slot and the silence that may be borrowed. */
  readonly roomSeconds: number
}

/** Playing faster by less than this would change the sound for nothing: two thousandths. */
const notWorthIt = 1.002
/** A clip played faster may come out this much longer than asked for (measured of atempo: 7 ms). */
const tempoSlackSeconds = 0.01

/**
 * Fits a clip into its slot: first it takes the silence up to the next cue (never of a cue that overlaps it by intent, and never
 * past the end), then it is played faster, up to the limit.
 */
export function fitToSlot(slot: Slot, { maxSpeedUp, borrowSilence }: FitRules): Fit {
  const { startSeconds, endSeconds, nextStartSeconds = Infinity, lastSeconds = Infinity, spokenSeconds } = slot
  const silenceEnd = borrowSilence ? Math.max(endSeconds, nextStartSeconds) : endSeconds
  const roomSeconds = Math.max(0, Math.min(silenceEnd, lastSeconds) - startSeconds)
  const fits = spokenSeconds <= roomSeconds * notWorthIt
  const needed = spokenSeconds / Math.max(roomSeconds - tempoSlackSeconds, tempoSlackSeconds)
  return { speedUp: fits ? 1 : Math.min(needed, maxSpeedUp), slotSeconds: Math.max(0, endSeconds - startSeconds), roomSeconds }
}
