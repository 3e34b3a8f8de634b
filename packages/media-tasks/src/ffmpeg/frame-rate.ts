/** Frames may stand this far from an even grid, together, in seconds: Matroska counts in milliseconds, and some files were rounded twice. */
const toleranceSeconds = 0.0021

/** Frames a second, worked out of when frames are shown. */
export interface FrameRate {
  /** As a fraction; the average, where it varies. */
  readonly frameRate: string
  readonly variableFrameRate: boolean
}

/**
 * Whether frames stand on an even grid, and on which. `times` in seconds, in order; `hint` is what the container says
 * (`30/1`, `0/0`), which wins where it fits.
 */
export function findFrameRate(times: ArrayLike<number>, hint: string): FrameRate {
  const hinted = parseFraction(hint)
  const first = times[0] ?? 0
  const span = (times[times.length - 1] ?? 0) - first
  if (times.length < 2 || span <= 0) return { frameRate: hinted ? hint : '25/1', variableFrameRate: false }

  const average = (times.length - 1) / span
  if (hinted && spread(times, hinted) <= allowed(hinted)) return { frameRate: hint, variableFrameRate: false }
  const fitting = candidates(average)
    .map(([numerator, denominator]) => ({ numerator, denominator, off: spread(times, numerator / denominator) }))
    .filter(({ numerator, denominator, off }) => numerator > 0 && off <= allowed(numerator / denominator))
    .reduce<{ numerator: number; denominator: number; off: number } | undefined>((best, next) => (best && best.off <= next.off ? best : next), undefined)
  if (fitting) return { frameRate: `${fitting.numerator}/${fitting.denominator}`, variableFrameRate: false }
  return { frameRate: `${Math.max(1, Math.round(average * 1_000))}/1000`, variableFrameRate: true }
}

/** `30000/1001` as a number; nothing for `0/0` and what is no fraction. */
export function parseFraction(text: string): number | undefined {
  const [, numerator, denominator] = /^([1-9]\d{0,8})\/([1-9]\d{0,8})$/.exec(text) ?? []
  return numerator === undefined ? undefined : Number(numerator) / Number(denominator)
}

/** Rates near the average that people use: whole, NTSC's (SMPTE ST 12-1), halves, hundredths. */
function candidates(average: number): (readonly [number, number])[] {
  return [
    [Math.round(average), 1],
    [Math.round(average * 1.001) * 1_000, 1_001],
    [Math.round(average * 2), 2],
    [Math.round(average * 100), 100],
  ]
}

/** How far apart from each other the frames' distances from the grid are. */
function spread(times: ArrayLike<number>, framesPerSecond: number): number {
  let least = Infinity
  let most = -Infinity
  for (let place = 0; place < times.length; place++) {
    const off = (times[place] ?? 0) - place / framesPerSecond
    if (off < least) least = off
    if (off > most) most = off
  }
  return most - least
}

const allowed = (framesPerSecond: number): number => Math.min(toleranceSeconds, 0.4 / framesPerSecond)
