/** A voice is silent for at least so long where a clause ends, in seconds. */
const leastPause = 0.06
const blockSeconds = 0.005
/** Below so much of the loudest it is silent: 32 dB. */
const quiet = 0.025

/** A silence inside a clip. Seconds from its beginning. */
export interface Pause {
  readonly startSeconds: number
  readonly endSeconds: number
}

/** Where a clip without silence around it is silent in between, in order. */
export function pausesOf(samples: Int16Array, sampleRateHz: number): Pause[] {
  const block = Math.max(1, Math.round(blockSeconds * sampleRateHz))
  const peaks: number[] = []
  for (let from = 0; from < samples.length; from += block) {
    let peak = 0
    for (let at = from; at < Math.min(samples.length, from + block); at++) peak = Math.max(peak, Math.abs(samples[at] ?? 0))
    peaks.push(peak)
  }
  const threshold = peaks.reduce((most, peak) => Math.max(most, peak), 0) * quiet
  const pauses: Pause[] = []
  for (let at = 0; at < peaks.length; ) {
    let end = at
    while (end < peaks.length && (peaks[end] ?? 0) < threshold) end++
    const [startSeconds, endSeconds] = [(at * block) / sampleRateHz, (end * block) / sampleRateHz]
    if (at > 0 && end < peaks.length && endSeconds - startSeconds >= leastPause) pauses.push({ startSeconds, endSeconds })
    at = Math.max(end, at + 1)
  }
  return pauses
}
