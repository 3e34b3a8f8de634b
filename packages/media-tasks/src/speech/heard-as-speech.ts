/** People say up to 25 letters a second; four times that is no speech. */
const leastSecondsPerLetter = 1 / 100
const leastSeconds = 0.03
/** A digit or a Chinese sign takes most, well below a second, also where a voice is slowed down. */
const mostSecondsPerLetter = 1
/** For what is no letter: pauses that a text asks for, a laugh, a breath. */
const mostSecondsBeside = 10
/** Below -60 dBFS nothing is heard. */
const leastHeard = 33
/** How much of the shortest time that the text can take must be heard: a click is no speech. */
const leastShareHeard = 1 / 4
/** Speech is 0.9 and more like itself a sample before, a whisper 0.6; noise, packed sound and samples of another width or order of bytes are below 0.2. */
const leastLikeness = 0.3
/** Noise that is fainter than this may be breath. */
const faintRms = 1_000
/** Louder than -6 dBFS all the time: µ-law, or samples without a sign. Speech stays below a third of it. */
const loudestRms = 16_384
/** A text of fewer letters may be a hiss: "Psst". */
const lettersSpoken = 8

/** What a text asks for and is not said: `<break time="1s" />`, `[whispers]`. */
const marks = /<[^<>]*>|\[[^[\]]*\]/g

/** The longest sound that can be the text, in seconds. */
export function mostSecondsFor(text: string): number {
  return mostSecondsBeside * (1 + (text.match(marks)?.length ?? 0)) + lettersOf(text) * mostSecondsPerLetter
}

/** Why the sound cannot be the text that was to be said: silent, noise, or of a length that no voice needs. Nothing where it can. */
export function whyNoSpeech(text: string, samples: Int16Array, sampleRateHz: number): string | undefined {
  const seconds = samples.length / sampleRateHz
  const least = Math.max(leastSeconds, lettersOf(text) * leastSecondsPerLetter)
  if (seconds < least) return `${samples.length} samples (${seconds.toFixed(3)} s) for ${text.length} characters: too short to be speech`
  if (seconds > mostSecondsFor(text)) return `${seconds.toFixed(1)} s of sound for ${text.length} characters: too long to be speech`
  const { heardSeconds, rms, likeness } = measured(samples, sampleRateHz)
  if (heardSeconds < least * leastShareHeard) return `${seconds.toFixed(1)} s of silence for ${text.length} characters`
  const isNoise = rms > loudestRms || (rms > faintRms && likeness < leastLikeness)
  return isNoise && lettersOf(text) >= lettersSpoken ? 'noise: the sound is no 16-bit PCM, or nobody speaks in it' : undefined
}

/** About the level that the sound has when it is still. `likeness`: of each sample to the one before it, from -1 to 1. */
function measured(samples: Int16Array, sampleRateHz: number): { heardSeconds: number; rms: number; likeness: number } {
  let sum = 0
  for (const sample of samples) sum += sample
  const level = sum / samples.length
  let [heard, squares, products, before] = [0, 0, 0, 0]
  for (const sample of samples) {
    const swing = sample - level
    if (swing >= leastHeard || swing <= -leastHeard) heard++
    squares += swing * swing
    products += swing * before
    before = swing
  }
  return { heardSeconds: heard / sampleRateHz, rms: Math.sqrt(squares / samples.length), likeness: squares === 0 ? 0 : products / squares }
}

const lettersOf = (text: string): number => text.replace(marks, '').match(/[\p{L}\p{N}]/gu)?.length ?? 0
