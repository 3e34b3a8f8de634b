import { TerminalError } from '@track-orchestrator/registry'
import { checkOptions } from '@track-orchestrator/registry/options'
import { pcmSamples } from '../wav-file.ts'
import { loadPeer } from '../load-peer.ts'
import { callProvider, failed, type ProviderCall } from '../speech/call-provider.ts'
import { whyNoSpeech } from '../speech/heard-as-speech.ts'
import type { ClipIdentity, SpeakRequest, TextToSpeech } from '../speech/text-to-speech.ts'
import { vendorFetch } from '../speech/vendor-fetch.ts'
import { elevenLabsRules, type ElevenLabsOptions } from './elevenlabs-options.ts'
import { readSpeech } from './read-speech.ts'

const provider = 'ElevenLabs'
/** 16-bit PCM, one channel. Higher rates need a dearer plan. */
const format = { outputFormat: 'pcm_24000', sampleRateHz: 24_000 } as const
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
  const { apiKey, baseUrl, timeoutMs = 120_000, model: usualModel = 'eleven_multilingual_v2', languageCode, seed, history = true } = checked
  const voices = checked.voices?.length ? checked.voices : ownVoices
  const open = async () => {
    const sdk = await loadPeer('createElevenLabs', '@elevenlabs/elevenlabs-js', () => import('@elevenlabs/elevenlabs-js'))
    // A bundler that splits code hands on what CommonJS exports as `default`, and nothing beside it.
    const { ElevenLabsClient } = 'ElevenLabsClient' in sdk ? sdk : (sdk as { readonly default: typeof sdk }).default
    const client = new ElevenLabsClient({ apiKey, maxRetries: 0, timeoutInSeconds: timeoutMs / 1_000, fetch: vendorFetch, ...(baseUrl !== undefined && { baseUrl }) })
    return client.textToSpeech
  }
  let service: ReturnType<typeof open> | undefined

  /** All of a request but the text around it. */
  const wishesOf = ({ text, voice = voices[0] ?? '', model: modelId = usualModel, voiceSettings, take = 1 }: SpeakRequest) => {
    const settings = given({ ...checked.voiceSettings, ...voiceSettings })
    return {
      ...{ voice, text, modelId },
      outputFormat: format.outputFormat,
      ...(Object.keys(settings).length > 0 && { voiceSettings: settings }),
      ...(languageCode !== undefined && { languageCode }),
      // With the same seed, another take would sound the same.
      ...(seed !== undefined && { seed: (seed + take - 1) % 2 ** 32 }),
    }
  }

  return {
    name: 'elevenlabs',
    voices,
    // Eleven v3 passes over the pace it is asked for (github.com/elevenlabs/elevenlabs-mcp/pull/96).
    speeds: ({ model = usualModel }) => (model.startsWith('eleven_v3') ? undefined : { slowest: 0.7, fastest: 1.2 }),
    // Another address may be another service (a trial, a stand-in): what that has said is not this one's.
    identify: (request): ClipIdentity => ({ ...wishesOf(request), ...(baseUrl !== undefined && { service: new URL(baseUrl).href.replace(/\/+$/, '') }) }),
    hearsAround: ({ model = usualModel }) => hearsAround(model),
    async speak(request, { signal }) {
      const { voice, ...wishes } = wishesOf(request)
      const { text, modelId } = wishes
      if (!/[\p{L}\p{N}]/u.test(text)) return { samples: new Int16Array(), sampleRateHz: format.sampleRateHz, voice, characters: 0 }
      const call: ProviderCall = { provider, apiKey, timeoutMs, signal, explain, refusal: (_status, said) => voiceRefusal(voice, said) }
      const textToSpeech = await (service ??= open())
      const { bytes, headers } = await callProvider(call, async (abortSignal) => {
        const body = { ...wishes, ...textAround(request, modelId), ...(!history && { enableLogging: false }) }
        const { data, rawResponse } = await textToSpeech.convert(voice, body, { abortSignal }).withRawResponse()
        return { bytes: await readSpeech(data, rawResponse.headers, call, text), headers: rawResponse.headers }
      })
      const samples = pcmSamples(bytes)
      const wrong = whyNoSpeech(text, samples, format.sampleRateHz)
      if (wrong !== undefined) throw failed(call, `answered with ${wrong}`, 200)
      const [requestId, cost] = [headers.get('request-id'), Number(headers.get('character-cost') ?? Number.NaN)]
      return {
        samples,
        sampleRateHz: format.sampleRateHz,
        voice,
        characters: text.length,
        metadata: { ...(requestId !== null && { requestId }), ...(Number.isFinite(cost) && { characterCost: cost }) },
      }
    },
  }
}

type Given<Settings> = { [Name in keyof Settings]?: Exclude<Settings[Name], undefined> }

const given = <Settings extends object>(settings: Settings): Given<Settings> =>
  Object.fromEntries(Object.entries(settings).filter(([, value]) => value !== undefined)) as Given<Settings>

/** Eleven v3 takes its tune from the text alone, and refuses to be told more. */
const hearsAround = (modelId: string): boolean => !modelId.startsWith('eleven_v3')

function textAround({ previousText, nextText }: SpeakRequest, modelId: string): { previousText?: string; nextText?: string } {
  if (!hearsAround(modelId)) return {}
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
    const { status, message, msg } = (part ?? {}) as Record<string, unknown>
    return [status, message ?? msg].filter((said) => typeof said === 'string')
  })
  return parts.length > 0 ? parts.join(': ') : undefined
}

function voiceRefusal(voice: string, said: string): TerminalError | undefined {
  if (!/^voice_(?:not_found|does_not_exist)\b/.test(said)) return undefined
  const message = `ElevenLabs has no voice ${JSON.stringify(voice.slice(0, 50))} for this account (${said}). Give the id of a voice from My Voices.`
  return new TerminalError(message, { code: 'media/voice_unknown' })
}
