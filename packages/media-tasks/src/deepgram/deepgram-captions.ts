import { loadPeer } from '../load-peer.ts'
import type { SpeechDocument } from '../speech/speech-to-text.ts'

interface Answer {
  readonly results?: { readonly utterances?: readonly { readonly words?: readonly { readonly start: number; readonly end: number }[] }[] }
}

/** WebVTT as `@deepgram/captions` writes it wraps round after so many seconds. */
const dayInSeconds = 86_400

/**
 * What was said as WebVTT, cut as Deepgram cuts it, with who speaks in voice tags: for people who look at it. What is spoken later
 * comes from our own cues. Nothing where the package would come out wrong: without utterances, with an empty one, or after a day.
 */
export async function deepgramCaptions(answer: unknown): Promise<SpeechDocument | undefined> {
  const utterances = (answer as Answer).results?.utterances
  if (!Array.isArray(utterances) || utterances.length === 0 || !utterances.every(hasTimes)) return undefined
  const { webvtt } = await loadPeer('createDeepgram', '@deepgram/captions', () => import('@deepgram/captions'))
  return { name: 'captions', format: 'vtt', contentType: 'text/vtt', text: webvtt(answer) }
}

function hasTimes({ words }: NonNullable<NonNullable<Answer['results']>['utterances']>[number]): boolean {
  return Array.isArray(words) && words.length > 0 && words.every((word) => word?.start >= 0 && word.end >= word.start && word.end < dayInSeconds)
}
