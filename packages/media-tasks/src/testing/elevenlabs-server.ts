import { pcmBytes } from '../wav-file.ts'
import { createFlite } from '../offline-speech/flite.ts'
import { tone } from './sound.ts'
import { startVendorServer, type VendorAnswer, type VendorCall, type VendorServer, type VendorServerOptions } from './vendor-server.ts'

export interface ElevenLabsServerOptions extends VendorServerOptions {
  /** How it sounds: a tone as long as the text would take (default, quick), or flite's voice. */
  readonly sound?: 'tone' | 'flite'
  /** The key it knows. Default: it takes any. */
  readonly apiKey?: string
  /** The voices it has. Default: it takes any. */
  readonly voices?: readonly string[]
  /** The raw formats that the plan allows. Default: `pcm_24000`. */
  readonly formats?: readonly string[]
}

/** People say about 15 characters a second, or 5 of Chinese. */
const secondsOf = (text: string): number => Array.from(text).reduce((sum, sign) => sum + (/\p{Script=Han}/u.test(sign) ? 1 / 5 : 1 / 15), 0)

/** `POST /v1/text-to-speech/<voice>` as ElevenLabs' API reference has it, in raw formats only: 16-bit PCM that can be heard. */
export async function startElevenLabsServer({ sound = 'tone', apiKey, voices, formats = ['pcm_24000'], ...options }: ElevenLabsServerOptions = {}): Promise<VendorServer> {
  const speak = sound === 'flite' ? speakWithFlite() : (text: string, speed: number) => tone({ seconds: Math.max(0.2, secondsOf(text) / speed), rate: rateHz })
  let answered = 0
  return startVendorServer(async (call: VendorCall): Promise<VendorAnswer> => {
    const voice = /^\/v1\/text-to-speech\/([^/]+)$/.exec(call.path)?.[1]
    if (call.method !== 'POST' || voice === undefined) return json(404, { detail: 'Not Found' })
    if (apiKey !== undefined && call.headers['xi-api-key'] !== apiKey) return refuse(401, 'invalid_api_key', 'Invalid API key')
    if (voices && !voices.includes(voice)) return refuse(404, 'voice_not_found', `A voice with the voice_id ${voice} was not found.`)
    const text = (call.json as { text?: unknown } | undefined)?.text
    if (typeof text !== 'string') return json(422, { detail: [{ loc: ['body', 'text'], msg: 'Field required', type: 'missing' }] })
    const format = call.query.find(([name]) => name === 'output_format')?.[1] ?? ''
    if (!formats.includes(format)) return refuse(403, 'output_format_not_allowed', `This plan has ${formats.join(', ')} only`)
    const speed = (call.json as { voice_settings?: { speed?: number } }).voice_settings?.speed ?? 1
    if (speed < 0.7 || speed > 1.2) return refuse(400, 'invalid_voice_settings', 'speed must be between 0.7 and 1.2')
    const body = pcmBytes(stretched(await speak(text, speed), Number(format.replace(/^pcm_/, '')) / rateHz))
    return { status: 200, headers: { 'content-type': 'audio/pcm', 'request-id': `request-${++answered}`, 'character-cost': String(text.length) }, body }
  }, options)
}

const rateHz = 24_000

function speakWithFlite(): (text: string, speed: number) => Promise<Int16Array> {
  const flite = createFlite()
  const nobody = { signal: new AbortController().signal, folder: '', progress: () => {}, log: { debug: () => {}, info: () => {}, warn: () => {}, error: () => {} } }
  return async (text, speed) => {
    const { samples, sampleRateHz } = await flite.speak({ text, voiceSettings: { speed } }, nobody)
    return stretched(samples, rateHz / sampleRateHz)
  }
}

/** At another sample rate: what lies between two samples is on the line between them. */
function stretched(samples: Int16Array, factor: number): Int16Array {
  const made = new Int16Array(Math.floor(samples.length * factor))
  for (let place = 0; place < made.length; place++) {
    const at = place / factor
    const [before, after] = [samples[Math.floor(at)] ?? 0, samples[Math.ceil(at)] ?? 0]
    made[place] = Math.round(before + (after - before) * (at - Math.floor(at)))
  }
  return made
}

const json = (status: number, body: unknown): VendorAnswer => ({ status, headers: { 'content-type': 'application/json' }, body: Buffer.from(JSON.stringify(body)) })
const refuse = (httpStatus: number, status: string, message: string): VendorAnswer => json(httpStatus, { detail: { status, message } })
