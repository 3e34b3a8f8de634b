import { readFile, stat } from 'node:fs/promises'
import { TerminalError, TracksError } from '@track-orchestrator/registry'
import { checkOptions } from '@track-orchestrator/registry/options'
import { loadPeer } from '../load-peer.ts'
import { amountTold, callProvider, failed, type ProviderCall } from '../speech/call-provider.ts'
import { readDeepgramResponse } from '../speech/deepgram-response.ts'
import type { SpeechContext, SpeechDocument, SpeechToText, SpeechToTextRequest } from '../speech/speech-to-text.ts'
import { vendorFetch } from '../speech/vendor-fetch.ts'
import { serviceAddress } from '../speech/vendor-options.ts'
import { deepgramCaptions } from './deepgram-captions.ts'
import { deepgramRules, type DeepgramOptions } from './deepgram-options.ts'
import { deepgramQuery } from './deepgram-query.ts'
import { factsOf } from './deepgram-facts.ts'

const provider = 'Deepgram'
/** Enough for Deepgram to fetch the sound of a film; of no use to anybody afterwards. */
const signedForSeconds = 3_600

/**
 * Deepgram's pre-recorded speech to text. Where the storage signs URLs, Deepgram fetches the sound from there, and it does not pass
 * through this machine; where it cannot fetch it, it is sent. The SDK is loaded with the first call, and makes each call once: retries are the engine's.
 * Throws `DefinitionError` for malformed options; calls throw `ProviderError`, or `TerminalError` `media/too_large`.
 */
export function createDeepgram(options: DeepgramOptions): SpeechToText {
  const { apiKey, baseUrl, timeoutMs = 300_000, model = 'nova-3', fetchesUrls = true, maxUploadBytes = 256 * 2 ** 20, modelImprovement } = checkOptions('createDeepgram', options, deepgramRules)
  const open = async () => {
    const { DeepgramClient } = await loadPeer('createDeepgram', '@deepgram/sdk', () => import('@deepgram/sdk'))
    await loadPeer('createDeepgram', '@deepgram/captions', () => import('@deepgram/captions')) // told before the call that is paid for
    const client = new DeepgramClient({ apiKey, maxRetries: 0, timeoutInSeconds: timeoutMs / 1_000, fetch: vendorFetch, ...(baseUrl !== undefined && { baseUrl: serviceAddress(baseUrl, /\/v1(?:\/listen)?$/) }) })
    return client.listen.v1.media
  }
  let media: ReturnType<typeof open> | undefined

  return {
    name: 'deepgram',
    async transcribe(request, context) {
      const query = deepgramQuery(request, { model, modelImprovement })
      let isUnreached = false
      const refusal = (status: number, said: string) => {
        isUnreached = said.startsWith('REMOTE_CONTENT_ERROR')
        return isUnreached ? failed(call, `answered ${status}: ${said}`, status) : undefined
      }
      const call: ProviderCall = { provider, apiKey, timeoutMs, signal: context.signal, explain, refusal }
      const listen = async (sound: Sound) => {
        const service = await (media ??= open())
        return callProvider(call, async (abortSignal) => {
          const sent = 'url' in sound ? service.transcribeUrl({ ...query, url: sound.url }, { abortSignal }) : service.transcribeFile(sound.bytes, query, { abortSignal })
          return sent.withRawResponse()
        })
      }
      const sound = await soundOf(fetchesUrls ? request : { ...request, signAudioUrl: undefined }, context, maxUploadBytes)
      const { data, rawResponse } = await listen(sound).catch(async (error: unknown) => {
        if (!isUnreached || !('url' in sound)) throw error
        // Deepgram says so now and then of sound that everybody else can fetch (deepgram/deepgram-js-sdk#263).
        context.log.warn('Deepgram could not fetch the sound, and is sent it', { reason: (error as Error).message })
        const sent = await soundOf({ ...request, signAudioUrl: undefined }, context, maxUploadBytes).catch((tooLarge: unknown) => {
          throw TracksError.is(tooLarge) && tooLarge.code === 'media/too_large' ? error : tooLarge // what cannot be sent may be fetched the next time
        })
        return listen(sent)
      })
      const answer: unknown = data
      const heardSeconds = amountTold(factsOf(answer)['heardSeconds'])
      if (heardSeconds !== undefined) context.cost?.({ amount: heardSeconds, unit: 'audio_seconds' })
      const transcript = readDeepgramResponse(answer, 'deepgram', request.durationSeconds)
      if (!transcript) throw failed(call, 'answered with something that is no transcript: neither results.channels nor results.utterances, or a text without times', rawResponse.status)
      const captions = await deepgramCaptions(answer)
      const json: SpeechDocument = { name: 'answer', format: 'json', contentType: 'application/json', text: JSON.stringify(answer) }
      return { transcript, documents: captions ? [json, captions] : [json], metadata: factsOf(answer) }
    },
  }
}

type Sound = { readonly url: string } | { readonly bytes: Buffer }

/** By reference where that can be, else all of it. */
async function soundOf({ signAudioUrl, audioPath }: SpeechToTextRequest, { log }: SpeechContext, maxBytes: number): Promise<Sound> {
  if (signAudioUrl) return { url: await signAudioUrl(signedForSeconds) }
  const path = await audioPath()
  const { size } = await stat(path)
  if (size > maxBytes) {
    const advice = "Use a storage that signs URLs, have media_audio_extract make an mp3 (format: 'mp3'), or raise maxUploadBytes."
    throw new TerminalError(`The sound has ${size} bytes, and at most ${maxBytes} are sent to Deepgram. ${advice}`, { code: 'media/too_large' })
  }
  log.debug('The sound is sent to Deepgram as it is', { sizeBytes: size })
  return { bytes: await readFile(path) }
}

/** Deepgram refuses in two shapes: `{ err_code, err_msg }` and `{ category, message, details }` (its API reference, "Errors"). */
function explain(body: unknown): string | undefined {
  const { err_code: code, err_msg: message, category, message: text, details } = (typeof body === 'object' && body !== null ? body : {}) as Record<string, unknown>
  const said = [code ?? category, message ?? text, details].filter((part) => typeof part === 'string' && part !== '')
  if (said.length > 0) return said.join(': ')
  return typeof body === 'string' && body.trim() !== '' ? body : undefined
}
