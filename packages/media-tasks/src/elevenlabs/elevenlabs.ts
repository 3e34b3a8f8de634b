import { ProviderError, TerminalError } from '@track-orchestrator/registry'
import { checkOptions } from '@track-orchestrator/registry/options'
import { joinClips } from '../audio/join-clips.ts'
import { pcmSamples } from '../wav-file.ts'
import { loadPeer } from '../load-peer.ts'
import { amountTold, callProvider, failed, type ProviderCall } from '../speech/call-provider.ts'
import { whyNoSpeech } from '../speech/heard-as-speech.ts'
import type { ClipIdentity, SpeakRequest, TextToSpeech } from '../speech/text-to-speech.ts'
import { textPieces } from '../speech/text-pieces.ts'
import { vendorFetch } from '../speech/vendor-fetch.ts'
import { serviceAddress } from '../speech/vendor-options.ts'
import { modelOf } from './elevenlabs-models.ts'
import { elevenLabsRules, type ElevenLabsOptions } from './elevenlabs-options.ts'
import { readSpeech } from './read-speech.ts'

const provider = 'ElevenLabs'
interface Format {
  readonly outputFormat: 'pcm_24000' | 'pcm_22050' | 'pcm_16000'
  readonly sampleRateHz: number
}

/** 16-bit PCM, one channel: the best that every plan should have, and what is asked for where one has not. */
const formats: readonly [Format, ...Format[]] = [
  { outputFormat: 'pcm_24000', sampleRateHz: 24_000 },
  { outputFormat: 'pcm_22050', sampleRateHz: 22_050 },
  { outputFormat: 'pcm_16000', sampleRateHz: 16_000 },
]
/** George, Sarah, Brian and Alice, which every account has. */
const ownVoices = ['JBFqnCBsd6RMkjVDRZzb', 'EXAVITQu4vr4xnSDxMaL', 'nPczCjzI2devNBz1zQrb', 'Xb7hH8MSUJpSbSDYk0k2']
/** More of what is said around does not change the tune of a sentence. */
const contextCharacters = 500

/**
 * ElevenLabs' text to speech: raw sound, so that it can be laid on a timeline to the sample. What is said before and after a segment
 * goes along, for the tune. The SDK is loaded with the first call (it takes its time: seconds, and 100 MB), and makes each call once.
 * Throws `DefinitionError` for malformed options; calls throw `ProviderError`, or `TerminalError` `media/voice_unknown`.
 */
export function createElevenLabs(options: ElevenLabsOptions): TextToSpeech {
  const checked = checkOptions('createElevenLabs', options, elevenLabsRules)
  const { apiKey, timeoutMs = 120_000, model: usualModel = 'eleven_multilingual_v2', languageCode, seed, history = true } = checked
  const baseUrl = checked.baseUrl === undefined ? undefined : serviceAddress(checked.baseUrl, /\/v1(?:\/text-to-speech)?$/)
  const voices = checked.voices?.length ? checked.voices : ownVoices
  const open = async () => {
    const sdk = await loadPeer('createElevenLabs', '@elevenlabs/elevenlabs-js', () => import('@elevenlabs/elevenlabs-js'))
    // A bundler that splits code hands on what CommonJS exports as `default`, and nothing beside it.
    const { ElevenLabsClient } = 'ElevenLabsClient' in sdk ? sdk : (sdk as { readonly default: typeof sdk }).default
    const client = new ElevenLabsClient({ apiKey, maxRetries: 0, timeoutInSeconds: timeoutMs / 1_000, fetch: vendorFetch, ...(baseUrl !== undefined && { baseUrl }) })
    return client.textToSpeech
  }
  let service: ReturnType<typeof open> | undefined
  /** The place of the first format that has not been refused. */
  let allowed = 0

  /** All of a request but the text around it. */
  const wishesOf = ({ text, voice = voices[0] ?? '', model: modelId = usualModel, voiceSettings, take = 1 }: SpeakRequest) => {
    const settings = given({ ...checked.voiceSettings, ...voiceSettings })
    return {
      ...{ voice, text, modelId },
      outputFormat: formats[0].outputFormat,
      ...(Object.keys(settings).length > 0 && { voiceSettings: settings }),
      ...(languageCode !== undefined && { languageCode }),
      // With the same seed, another take would sound the same.
      ...(seed !== undefined && { seed: (seed + take - 1) % 2 ** 32 }),
    }
  }

  return {
    name: 'elevenlabs',
    voices,
    speeds: ({ model = usualModel }) => (modelOf(model).hasSpeed ? { slowest: 0.7, fastest: 1.2 } : undefined),
    // Another address may be another service (a trial, a stand-in): what that has said is not this one's.
    identify: (request): ClipIdentity => ({ ...wishesOf(request), ...(baseUrl !== undefined && { service: baseUrl }) }),
    hearsAround: ({ model = usualModel }) => modelOf(model).hearsAround,
    async speak(request, { signal, log, cost: pay }) {
      const { voice, ...wishes } = wishesOf(request)
      const { text, modelId } = wishes
      if (!/[\p{L}\p{N}]/u.test(text)) return { samples: new Int16Array(), sampleRateHz: formats[0].sampleRateHz, voice, characters: 0 }
      const textToSpeech = await (service ??= open())
      const say = async (piece: string, around: Around, format: Format) => {
        const call: ProviderCall = { provider, apiKey, timeoutMs, signal, explain, refusal: (status, said) => refusalOf(status, said, voice, format) }
        const { bytes, headers } = await callProvider(call, async (abortSignal) => {
          const body = { ...wishes, text: piece, outputFormat: format.outputFormat, ...textAround(around, modelId), ...(!history && { enableLogging: false }) }
          const { data, rawResponse } = await textToSpeech.convert(voice, body, { abortSignal }).withRawResponse()
          // It has been spoken, whatever becomes of the sound on its way.
          pay?.({ amount: chargedFor(rawResponse.headers) ?? piece.length, unit: 'characters' })
          return { bytes: await readSpeech(data, rawResponse.headers, call, piece, format.sampleRateHz), headers: rawResponse.headers }
        })
        const samples = pcmSamples(bytes)
        const wrong = whyNoSpeech(piece, samples, format.sampleRateHz)
        if (wrong !== undefined) throw failed(call, `answered with ${wrong}`, 200)
        return { samples, requestId: headers.get('request-id'), cost: chargedFor(headers) ?? Number.NaN }
      }
      /** In the format that was allowed last; a plan that does not allow it gets the next one. */
      const sayAllowed = async (piece: string, around: Around): Promise<Awaited<ReturnType<typeof say>>> => {
        const format = formats[allowed] ?? formats[0]
        try {
          return await say(piece, around, format)
        } catch (error) {
          const next = formats.indexOf(format) + 1
          if (!(error instanceof FormatRefused) || next >= formats.length) throw error
          allowed = Math.max(allowed, next)
          log.warn(`ElevenLabs does not allow ${format.outputFormat} on this plan; ${formats[next]?.outputFormat} is asked for instead`)
          return sayAllowed(piece, around)
        }
      }
      const pieces = textPieces(text, modelOf(modelId).mostCharacters)
      const said: Awaited<ReturnType<typeof say>>[] = []
      for (const [place, piece] of pieces.entries()) {
        said.push(await sayAllowed(piece, { previousText: pieces[place - 1] ?? request.previousText, nextText: pieces[place + 1] ?? request.nextText }))
      }
      const { sampleRateHz } = formats[allowed] ?? formats[0]
      const [requestId, cost] = [said.at(-1)?.requestId ?? null, said.reduce((sum, one) => sum + one.cost, 0)]
      return {
        samples: joinClips(said.map(({ samples }) => samples), sampleRateHz),
        sampleRateHz,
        voice,
        characters: text.length,
        metadata: { ...(requestId !== null && { requestId }), ...(Number.isFinite(cost) && { characterCost: cost }) },
      }
    },
  }
}

/** What the answer says it was charged for, in characters of the plan. */
function chargedFor(headers: Headers): number | undefined {
  const charged = headers.get('character-cost')
  return charged === null || charged.trim() === '' ? undefined : amountTold(Number(charged))
}

type Given<Settings> = { [Name in keyof Settings]?: Exclude<Settings[Name], undefined> }

const given = <Settings extends object>(settings: Settings): Given<Settings> =>
  Object.fromEntries(Object.entries(settings).filter(([, value]) => value !== undefined)) as Given<Settings>

/** What is said before and after. */
type Around = Pick<SpeakRequest, 'previousText' | 'nextText'>

function textAround({ previousText, nextText }: Around, modelId: string): { previousText?: string; nextText?: string } {
  if (!modelOf(modelId).hearsAround) return {}
  return {
    ...(previousText !== undefined && previousText !== '' && { previousText: previousText.slice(-contextCharacters) }),
    ...(nextText !== undefined && nextText !== '' && { nextText: nextText.slice(0, contextCharacters) }),
  }
}

/** A refusal is `{ detail: { status, message } }`, or a list of what is wrong with the request (ElevenLabs' API reference, "Errors"). */
function explain(body: unknown): string | undefined {
  const detail: unknown = typeof body === 'object' && body !== null ? (body as { detail?: unknown }).detail : body
  if (typeof detail === 'string') return detail.trim() === '' ? undefined : detail
  const parts = (Array.isArray(detail) ? detail : [detail]).flatMap((part: unknown) => {
    const { status, code, message, msg } = (part ?? {}) as Record<string, unknown>
    return [status ?? code, message ?? msg].filter((said) => typeof said === 'string')
  })
  return parts.length > 0 ? parts.join(': ') : undefined
}

/** The plan does not allow the format. Told, unless another format is. */
class FormatRefused extends ProviderError {}

/** What is to be told, or done, in another way than by its status. */
function refusalOf(status: number, said: string, voice: string, { outputFormat }: Format): TerminalError | ProviderError | undefined {
  if (/^(?:voice_(?:not_found|does_not_exist|disabled|access_denied)|invalid_uid)\b/.test(said)) {
    const message = `ElevenLabs has no voice ${JSON.stringify(voice.slice(0, 50))} for this account (${said}). Give the id of a voice from My Voices.`
    return new TerminalError(message, { code: 'media/voice_unknown' })
  }
  const told = `ElevenLabs answered ${status}: ${said}`
  if (/^(?:output_format_not_allowed|invalid_output_format|unsupported_output_format)\b/.test(said)) return new FormatRefused(`${told} (${outputFormat})`, { provider, status, retryable: false })
  // Whatever the status: asking again brings no credits.
  if (/^(?:quota_exceeded|payment_required|insufficient_credits)\b/.test(said)) return new ProviderError(told, { provider, status, retryable: false })
  return undefined
}
