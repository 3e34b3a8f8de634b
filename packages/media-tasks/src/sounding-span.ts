/** From the first sample of the sound up to, not including, the end of the last. */
export interface Span {
  readonly start: number
  readonly end: number
}

/** How far below the loudest sample a sound may lie and still be one: 40 dB. Breath and the hiss of a voice lie below. */
const relativeThreshold = 0.01
/** What never goes above this is silence: -60 dBFS. */
const absoluteThreshold = 33
const blockSeconds = 0.001
/** A sound is loud in at least 5 of 20 blocks; a click is not. */
const watchedBlocks = 20
const loudBlocks = 5
/** Kept before and after, for sounds do not begin and end at once. The onset then stands 2 ms into the span. */
const leadSeconds = 0.002
const tailSeconds = 0.02

/** Where the sound is, to a millisecond, without the silence around it. Nothing for silence. */
export function soundingSpan(samples: Int16Array, sampleRateHz: number): Span | undefined {
  const block = Math.max(1, Math.round(sampleRateHz * blockSeconds))
  const peaks = peaksOfBlocks(samples, block)
  const peak = peaks.reduce((a, b) => Math.max(a, b), 0)
  if (peak < absoluteThreshold) return undefined
  const isLoud = peaks.map((value) => (value >= Math.max(absoluteThreshold, peak * relativeThreshold) ? 1 : 0))
  const first = firstSound(isLoud)
  const last = isLoud.length - 1 - firstSound(isLoud.toReversed())
  if (first > last) return undefined // clicks only
  return {
    start: Math.max(0, first * block - Math.round(leadSeconds * sampleRateHz)),
    end: Math.min(samples.length, (last + 1) * block + Math.round(tailSeconds * sampleRateHz)),
  }
}

function peaksOfBlocks(samples: Int16Array, block: number): Uint16Array {
  const peaks = new Uint16Array(Math.ceil(samples.length / block))
  for (let index = 0; index < samples.length; index++) {
    const place = Math.floor(index / block)
    peaks[place] = Math.max(peaks[place] ?? 0, Math.abs(samples[index] ?? 0))
  }
  return peaks
}

/** The first loud block that has enough loud ones after it; past the end where there is none. */
function firstSound(isLoud: Uint16Array): number {
  const needed = Math.min(loudBlocks, isLoud.length)
  let loud = isLoud.subarray(0, watchedBlocks).reduce((sum, value) => sum + value, 0)
  for (let index = 0; index < isLoud.length; index++) {
    if (isLoud[index] === 1 && loud >= needed) return index
    loud += (isLoud[index + watchedBlocks] ?? 0) - (isLoud[index] ?? 0)
  }
  return isLoud.length
}

/** Takes away the click that a sudden beginning or end would make: the edges rise and fall within 2 ms. Changes the samples. */
export function softenEdges(samples: Int16Array, sampleRateHz: number): void {
  const ramp = Math.min(Math.round(sampleRateHz * leadSeconds), Math.floor(samples.length / 2))
  for (let index = 0; index < ramp; index++) {
    const factor = (index + 0.5) / ramp
    const mirrored = samples.length - 1 - index
    samples[index] = Math.round((samples[index] ?? 0) * factor)
    samples[mirrored] = Math.round((samples[mirrored] ?? 0) * factor)
  }
}
