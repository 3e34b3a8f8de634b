import type { elevenlabsTextToSpeechBatch } from '@track-orchestrator/registry/media'
import type { SpeechContext } from './speech-to-text.ts'

/** What is to be said, and how. */
export interface SpeakRequest {
  readonly text: string
  /** The speaker's own name of a voice. Default: the speaker's choice. */
  readonly voice?: string | undefined
  /** The speaker's own model name. */
  readonly model?: string | undefined
  /** What is said before and after, for the tune of the sentence. */
  readonly previousText?: string | undefined
  readonly nextText?: string | undefined
  /** How the voice is to sound. A speaker passes over what it does not know. */
  readonly voiceSettings?: VoiceSettings | undefined
  /** Which take is wanted, from 1 (default): another number is another go at the same text. */
  readonly take?: number | undefined
}

/** See `voiceSettings` in the input of `elevenlabs_text_to_speech_batch`. */
export type VoiceSettings = NonNullable<(typeof elevenlabsTextToSpeechBatch)['~handler']['input']['voiceSettings']>

/** What was said: raw sound, so that it can be laid on a timeline sample by sample. */
export interface SpokenClip {
  /** 16-bit PCM, one channel. Empty where there was nothing to say. */
  readonly samples: Int16Array
  readonly sampleRateHz: number
  readonly voice: string
  /** Characters spoken, the unit that services charge for. */
  readonly characters: number
  /** Facts for the envelope: cost, the service's request id. Over a batch, numbers are added up, and of the others the last one stays. */
  readonly metadata?: Readonly<Record<string, unknown>>
}

/** Somebody who speaks. Throws `ProviderError` where a service fails, `media/voice_unknown` for a voice it does not have. */
export interface TextToSpeech {
  /** `elevenlabs`, `flite`. */
  readonly name: string
  /** The voices that speakers without a voice of their own get, in turn. Default: the one voice that the speaker chooses. */
  readonly voices?: readonly string[]
  /** Between which paces `voiceSettings.speed` may ask it to speak. Absent, or nothing: it has one pace only. */
  speeds?(request: SpeakRequest): { readonly slowest: number; readonly fastest: number } | undefined
  /** Why it cannot say this at all, as the end of a sentence; nothing where it can. Asked before anything is spoken. */
  refuses?(request: SpeakRequest): string | undefined
  speak(request: SpeakRequest, context: SpeechContext): Promise<SpokenClip>
  /**
   * Everything that decides how a request will sound, what is said before and after it apart. Whoever has this is one whose clips are
   * worth keeping: a clip is spoken once, and found again by it. Absent: each clip is spoken anew.
   */
  identify?(request: SpeakRequest): ClipIdentity
  /** Whether what is said before and after has a part in how this request will sound. Absent: it has. */
  hearsAround?(request: SpeakRequest): boolean
}

/** Plain JSON. Two requests with the same identity may share a clip. */
export interface ClipIdentity {
  readonly voice: string
  readonly [fact: string]: unknown
}
