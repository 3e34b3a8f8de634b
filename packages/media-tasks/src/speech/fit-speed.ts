import type { SpeechSegment } from '@track-orchestrator/registry/media'
import { soundingSpan } from '../sounding-span.ts'
import type { SpeakRequest, SpokenClip, TextToSpeech } from './text-to-speech.ts'

/** How far the pace may be from the voice's own. */
export interface SpeedRules {
  readonly fitSpeed: boolean
  readonly slowestSpeed: number
  readonly fastestSpeed: number
}

/** A clip, and the pace that the voice was asked for. */
export interface FittedSpeech {
  readonly clip: SpokenClip
  readonly speed: number
}

/** Who speaks for a fee is asked in steps, so that a line that hardly changed is found among the clips that were kept. */
const steps = 20
/** A pace that is closer to the voice's own is not worth speaking again for. */
const notWorthIt = 0.02

/**
 * Speaks a segment at the pace at which it takes the time of its cue. Who is not paid by the clip speaks once, and again where that took too long or
 * too short. A hosted voice is asked once, by what such a text takes as a rule: the same text and time ask for the same, whatever is spoken
 * beside it, so that an edited line costs that line only. A `speed` that somebody asked for stays.
 */
export async function speakInTime(
  { voice, speak }: { readonly voice: TextToSpeech; readonly speak: (request: SpeakRequest) => Promise<SpokenClip> },
  request: SpeakRequest,
  segment: Pick<SpeechSegment, 'startSeconds' | 'endSeconds'>,
  { fitSpeed, slowestSpeed, fastestSpeed }: SpeedRules,
): Promise<FittedSpeech> {
  const asked = request.voiceSettings?.speed
  const can = voice.speeds?.(request)
  const slotSeconds = segment.endSeconds - segment.startSeconds
  if (asked !== undefined || !fitSpeed || !can || slotSeconds <= 0) return { clip: await speak(request), speed: (can && asked) ?? 1 }
  const within = (speed: number) => Math.min(Math.min(fastestSpeed, can.fastest), Math.max(speed, slowestSpeed, can.slowest))
  const at = async (speed: number): Promise<FittedSpeech> => ({ clip: await speak({ ...request, voiceSettings: { ...request.voiceSettings, speed } }), speed })
  if (voice.identify) {
    const speed = Math.round(within(usualSeconds(request.text) / slotSeconds) * steps) / steps
    return speed === 1 ? { clip: await speak(request), speed } : at(speed)
  }
  const first = { clip: await speak(request), speed: 1 }
  const span = soundingSpan(first.clip.samples, first.clip.sampleRateHz)
  const seconds = span ? (span.end - span.start) / first.clip.sampleRateHz : 0
  const speed = Math.round(within(seconds / slotSeconds) * 1_000) / 1_000
  return seconds === 0 || Math.abs(speed - 1) < notWorthIt ? first : at(speed)
}

/** Signs that are a syllable each, and how long one takes, in seconds; of all other signs, spaces too, people say about 15 a second. */
const syllables = /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Hangul}]/gu
const [secondsPerSyllable, secondsPerSign] = [0.2, 1 / 15]

/** How long a text takes as a rule, in seconds. */
function usualSeconds(text: string): number {
  const counted = text.match(syllables)?.length ?? 0
  const others = counted > 0 ? (text.match(/[\p{L}\p{N}]/gu)?.length ?? 0) - counted : text.length
  return counted * secondsPerSyllable + others * secondsPerSign
}
