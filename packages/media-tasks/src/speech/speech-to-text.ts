import type { Cost, TaskLog } from '@track-orchestrator/registry'
import type { Transcript } from '@track-orchestrator/registry/media'

/** What is to be listened to, and how. */
export interface SpeechToTextRequest {
  /** Where the sound lies: a stable reference. */
  readonly audioUrl: string
  /** For a service that fetches for itself: a URL that works for so long. A secret. Absent where the storage cannot sign. */
  readonly signAudioUrl?: ((expiresInSeconds: number) => Promise<string>) | undefined
  /** Brings the sound onto this machine, once, and gives its path. Not to be written to. */
  readonly audioPath: () => Promise<string>
  /** The medium that the sound was taken from. */
  readonly sourceUrl?: string | undefined
  /** How long the sound is, where that is known: for a text that comes without times. */
  readonly durationSeconds?: number | undefined
  /** BCP 47. Default: see `detectLanguage`. */
  readonly language?: string | undefined
  /** Find out the language where none is given. Default: the listener takes its usual one. */
  readonly detectLanguage?: boolean | undefined
  /** The listener's own model name. */
  readonly model?: string | undefined
  /** Tell speakers apart, if that can be done. */
  readonly diarize: boolean
  /** Words to listen for. */
  readonly keyterms: readonly string[]
  /** Write numbers, dates and the like as people do. Default: the listener's choice. */
  readonly smartFormat?: boolean | undefined
  /** Say what belongs together in one breath. Default: the listener's choice; without it, it is made of the words. */
  readonly utterances?: boolean | undefined
}

/** What a listener or a speaker may use while it works. */
export interface SpeechContext {
  /** Aborted: stop, tidy up, and throw. */
  readonly signal: AbortSignal
  readonly log: TaskLog
  /** A folder for files of its own, removed when the task ends. */
  readonly folder: string
  /** A fraction from 0 to 1. */
  progress(fraction: number, note?: string): void
  /** Told what the service charges, as soon as it has answered. Absent where nobody counts. */
  readonly cost?: ((cost: Cost) => void) | undefined
}

/** A text in a file of its own. */
export interface SpeechDocument {
  /** Tells it apart from the others: lower-case letters. */
  readonly name: string
  /** The end of the file's name: `json`. */
  readonly format: string
  readonly contentType: string
  readonly text: string
}

export interface SpeechToTextResult {
  readonly transcript: Transcript
  /** What the service itself said, word for word, to be kept beside the transcript. */
  readonly documents?: readonly SpeechDocument[]
  /** Facts for the envelope: seconds charged for, the service's request id. */
  readonly metadata?: Readonly<Record<string, unknown>>
}

/** Somebody who listens. Throws `ProviderError` where a service fails, `TerminalError` where listening again cannot help. */
export interface SpeechToText {
  /** `deepgram`, `pocketsphinx`. */
  readonly name: string
  transcribe(request: SpeechToTextRequest, context: SpeechContext): Promise<SpeechToTextResult>
}
