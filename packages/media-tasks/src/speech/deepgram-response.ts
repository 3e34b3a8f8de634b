import type { Transcript } from '@track-orchestrator/registry/media'
import { joinWords } from './joined-words.ts'
import { utterancesOfWords } from './utterances.ts'
import { withTimes, type LooseWord } from './word-times.ts'

/** Any JSON object, read with care: what is missing or of another type is as if it were not there. */
type Json = Readonly<Record<string, unknown>>

/**
 * Deepgram's answer (its API reference, "Pre-recorded audio", `POST /v1/listen`) as a transcript; nothing where the JSON is no such
 * answer. Lenient: fields of no use here are passed over, words without times get those between their neighbours, utterances are made of
 * words where it has none. A text without words and times lasts as long as the sound (`durationSeconds`, else what the answer says);
 * where nobody knows that, the answer is no transcript.
 */
export function readDeepgramResponse(json: unknown, provider: string, durationSeconds?: number): Transcript | undefined {
  const results = isObject(json) ? json['results'] : undefined
  if (!isObject(results)) return undefined
  const channels = objects(results['channels'])
  const alternatives = channels.map((channel) => objects(channel['alternatives'])[0] ?? {})
  const loose = alternatives.map((alternative, channel) => objects(alternative['words']).flatMap((word) => readWord(word, channels.length > 1 ? channel : undefined)))
  const words = loose.flatMap((each) => withTimes(each)).toSorted((a, b) => a.startSeconds - b.startSeconds)
  const looseUtterances = objects(results['utterances']).flatMap(readUtterance)
  // Where none has a time, the whole texts say as much, and how long the sound is.
  const told = looseUtterances.some(hasTime) ? withTimes(looseUtterances) : []
  if (channels.length === 0 && told.length === 0) return undefined
  const utterances = told.length > 0 ? told : words.length > 0 ? utterancesOfWords(words) : wholeTexts(alternatives, durationSeconds ?? durationOf(json))
  if (!utterances) return undefined
  const isWhole = told.length + words.length === 0 && utterances.length > 0
  const untimed = (words.length > 0 ? loose.flat() : looseUtterances).filter((each) => !hasTime(each)).length
  const notes = [
    ...(untimed > 0 && !isWhole ? [`${untimed} ${words.length > 0 ? 'words' : 'utterances'} of the transcript came without times: they were given those between their neighbours.`] : []),
    ...(isWhole ? ['The transcript is a text without times: it was spread over the whole of the sound.'] : []),
  ]

  const model = modelName(isObject(json) ? json['metadata'] : undefined)
  const language = channels.map((channel) => text(channel['detected_language'])).find((name) => name !== undefined)
  return {
    provider,
    ...(model !== undefined && { model }),
    ...(language !== undefined && { language }),
    words,
    utterances,
    ...(notes.length > 0 && { notes }),
  }
}

const hasTime = ({ startSeconds }: LooseWord): boolean => startSeconds !== undefined

/** Each channel's text as one utterance, as long as the sound. Nothing where there is a text, and its length is not known. */
function wholeTexts(alternatives: readonly Json[], durationSeconds: number | undefined): Transcript['utterances'] | undefined {
  const texts = alternatives.map((alternative) => (text(alternative['transcript']) ?? '').trim())
  if (texts.every((said) => said === '')) return []
  if (durationSeconds === undefined || durationSeconds <= 0) return undefined
  return texts.flatMap((said, channel) => (said === '' ? [] : [{ text: plain(said), startSeconds: 0, endSeconds: durationSeconds, ...(texts.length > 1 && { speaker: channel }) }]))
}

const durationOf = (json: unknown): number | undefined => (isObject(json) && isObject(json['metadata']) ? number(json['metadata']['duration']) : undefined)

/** Without the spaces that Deepgram puts between the words of languages that have none. */
const plain = (said: string): string => joinWords(said.split(/\s+/).filter((part) => part !== ''))

/** With several channels, each is somebody else, whether or not speakers were told apart. */
function readWord(word: Json, channel: number | undefined): (LooseWord & { confidence?: number; speaker?: number })[] {
  const said = text(word['punctuated_word']) ?? text(word['word'])
  if (said === undefined) return []
  const [startSeconds, endSeconds] = [number(word['start']), number(word['end'])]
  return [{ text: said, ...(startSeconds !== undefined && { startSeconds }), ...(endSeconds !== undefined && { endSeconds }), ...confidenceOf(word), ...speakerOf(word, channel) }]
}

function readUtterance(utterance: Json): (LooseWord & { confidence?: number; speaker?: number })[] {
  const said = text(utterance['transcript'])
  if (said === undefined) return []
  const [startSeconds, endSeconds] = [number(utterance['start']), number(utterance['end'])]
  return [{ text: plain(said), ...(startSeconds !== undefined && { startSeconds }), ...(endSeconds !== undefined && { endSeconds }), ...confidenceOf(utterance), ...speakerOf(utterance) }]
}

function confidenceOf(value: Json): { confidence?: number } {
  const confidence = number(value['confidence'])
  return confidence === undefined ? {} : { confidence: Math.min(1, Math.max(0, confidence)) }
}

function speakerOf(value: Json, channel?: number): { speaker?: number } {
  const speaker = channel ?? number(value['speaker'])
  return speaker !== undefined && Number.isInteger(speaker) && speaker >= 0 ? { speaker } : {}
}

/** `metadata.model_info` holds the models by their ids. */
function modelName(metadata: unknown): string | undefined {
  const models = isObject(metadata) ? metadata['model_info'] : undefined
  return isObject(models) ? Object.values(models).map((model) => (isObject(model) ? text(model['name']) : undefined)).find((name) => name !== undefined) : undefined
}

const isObject = (value: unknown): value is Json => typeof value === 'object' && value !== null && !Array.isArray(value)
const objects = (value: unknown): Json[] => (Array.isArray(value) ? value.filter(isObject) : [])
const text = (value: unknown): string | undefined => (typeof value === 'string' && value !== '' ? value : undefined)
const number = (value: unknown): number | undefined => (typeof value === 'number' && Number.isFinite(value) ? value : undefined)
