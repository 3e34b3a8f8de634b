/** People say up to 25 letters a second; four times that is no speech. */
const leastSecondsPerLetter = 1 / 100
const leastSeconds = 0.03
/** A digit or a Chinese sign takes most, well below a second, also where a voice is slowed down. */
const mostSecondsPerLetter = 1
/** For what is no letter: pauses that a text asks for, a laugh, a breath. */
const mostSecondsBeside = 10
/** Between the lowest and the highest sample: below -60 dBFS nothing is heard. */
const leastSwing = 66

/** What a text asks for and is not said: `<break time="1s" />`, `[whispers]`. */
const marks = /<[^<>]*>|\[[^[\]]*\]/g

/** The longest sound that can be the text, in seconds. */
export function mostSecondsFor(text: string): number {
  return mostSecondsBeside * (1 + (text.match(marks)?.length ?? 0)) + lettersOf(text) * mostSecondsPerLetter
}

/** Why the sound cannot be the text that was to be said: silent, or of a length that no voice needs. Nothing where it can. */
export function whyNoSpeech(text: string, samples: Int16Array, sampleRateHz: number): string | undefined {
  const seconds = samples.length / sampleRateHz
  const least = Math.max(leastSeconds, lettersOf(text) * leastSecondsPerLetter)
  if (seconds < least) return `${samples.length} samples (${seconds.toFixed(3)} s) for ${text.length} characters: too short to be speech`
  if (seconds > mostSecondsFor(text)) return `${seconds.toFixed(1)} s of sound for ${text.length} characters: too long to be speech`
  let [lowest, highest] = [32_767, -32_768]
  for (const sample of samples) {
    if (sample < lowest) lowest = sample
    if (sample > highest) highest = sample
  }
  return highest - lowest < leastSwing ? `${seconds.toFixed(1)} s of silence for ${text.length} characters` : undefined
}

const lettersOf = (text: string): number => text.replace(marks, '').match(/[\p{L}\p{N}]/gu)?.length ?? 0
