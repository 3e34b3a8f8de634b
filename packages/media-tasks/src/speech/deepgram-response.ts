import type { Transcript, TranscriptWord } from '@track-orchestrator/registry/media'
import { utterancesOfWords } from './utterances.ts'

/** Any JSON object, read with care: what is missing or of another type is as if it were not there. */
type Json = Readonly<Record<string, unknown>>

/**
 * Deepgram's answer (its API reference, "Pre-recorded audio", `POST /v1/listen`) as a transcript; nothing where the JSON is no such
 * answer. Lenient: fields of no use here are passed over, words without times left out, utterances made of words where it has none.
 */
export function readDeepgramResponse(json: unknown, provider: string): Transcript | undefined {
  const results = isObject(json) ? json['results'] : undefined
  if (!isObject(results)) return undefined
  const channels = objects(results['channels'])
  const alternatives = channels.map((channel) => objects(channel['alternatives'])[0] ?? {})
  const words = alternatives
    .flatMap((alternative, channel) => objects(alternative['words']).flatMap((word) => readWord(word, channels.length > 1 ? channel : undefined)))
    .toSorted((a, b) => a.startSeconds - b.startSeconds)
  const utterances = objects(results['utterances']).flatMap(readUtterance)
  if (channels.length === 0 && utterances.length === 0) return undefined

  const model = modelName(isObject(json) ? json['metadata'] : undefined)
  const language = channels.map((channel) => text(channel['detected_language'])).find((name) => name !== undefined)
  return {
    provider,
    ...(model !== undefined && { model }),
    ...(language !== undefined && { language }),
    words,
    utterances: utterances.length > 0 ? utterances : utterancesOfWords(words),
  }
}

/** With several channels, each is somebody else, whether or not speakers were told apart. */
function readWord(word: Json, channel: number | undefined): TranscriptWord[] {
  const said = text(word['punctuated_word']) ?? text(word['word'])
  const times = timesOf(word)
  return said === undefined || !times ? [] : [{ text: said, ...times, ...speakerOf(word, channel) }]
}

function readUtterance(utterance: Json): Transcript['utterances'] {
  const said = text(utterance['transcript'])
  const times = timesOf(utterance)
  return said === undefined || !times ? [] : [{ text: said, ...times, ...speakerOf(utterance) }]
}

function timesOf(value: Json): { startSeconds: number; endSeconds: number; confidence?: number } | undefined {
  const [start, end, confidence] = [number(value['start']), number(value['end']), number(value['confidence'])]
  if (start === undefined || end === undefined || end < 0) return undefined
  const startSeconds = Math.max(0, start)
  const endSeconds = Math.max(startSeconds, end)
  return { startSeconds, endSeconds, ...(confidence !== undefined && { confidence: Math.min(1, Math.max(0, confidence)) }) }
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
