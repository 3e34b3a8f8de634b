import { flag, listOf, number, shape, text, wholeNumber, type RulesOf } from '@track-orchestrator/registry/options'
import type { VoiceSettings } from '../speech/text-to-speech.ts'
import { vendorRules, type VendorOptions } from '../speech/vendor-options.ts'

export interface ElevenLabsOptions extends VendorOptions {
  /** How long one segment may take, 1,000 to 300,000 ms. Default 120,000. */
  readonly timeoutMs?: number | undefined
  /** Default `eleven_multilingual_v2`. What a task asks for comes before it. */
  readonly model?: string | undefined
  /** Ids of voices: the first speaks where none is asked for; speakers without a voice of their own get them in turn. Default: four of ElevenLabs' own. */
  readonly voices?: readonly string[] | undefined
  /** For every segment; what a task asks for comes before it, setting by setting. Default: as each voice was made. */
  readonly voiceSettings?: VoiceSettings | undefined
  /** ISO 639-1, for models that speak several and would guess. Default: none is named. */
  readonly languageCode?: string | undefined
  /** 0 to 4,294,967,295: the same request is then likely to sound the same. Default: none. */
  readonly seed?: number | undefined
  /** Whether ElevenLabs keeps text and sound in its history. Default true; false is for enterprise accounts. */
  readonly history?: boolean | undefined
}

const share = number({ from: 0, to: 1 })
/** What each option may be. */
export const elevenLabsRules: RulesOf<ElevenLabsOptions> = {
  ...vendorRules,
  model: text(),
  voices: listOf(text()),
  voiceSettings: shape({ stability: share, similarityBoost: share, style: share, useSpeakerBoost: flag, speed: number({ from: 0.7, to: 1.2 }) }),
  languageCode: text({ pattern: /^[A-Za-z]{2,3}(?:-[A-Za-z\d]+)*$/, what: 'the code of a language, such as en' }),
  seed: wholeNumber({ from: 0, to: 2 ** 32 - 1 }),
  history: flag,
}
