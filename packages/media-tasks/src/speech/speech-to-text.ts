import type { TaskLog } from '@track-orchestrator/registry'
import type { Transcript } from '@track-orchestrator/registry/media'

/** What is to be listened to, and how. */
export interface SpeechToTextRequest {
  /** Where the sound lies: a stable reference. A service that fetches for itself is given a URL signed by the storage. */
  readonly audioUrl: string
  /** Brings the sound onto this machine, once, and gives its path. Not to be written to. */
  readonly audioPath: () => Promise<string>
  /** The medium that the sound was taken from. */
  readonly sourceUrl?: string | undefined
  /** BCP 47. Default: the listener's choice. */
  readonly language?: string | undefined
  /** The listener's own model name. */
  readonly model?: string | undefined
  /** Tell speakers apart, if that can be done. */
  readonly diarize: boolean
  /** Words to listen for. */
  readonly keyterms: readonly string[]
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
}

export interface SpeechToTextResult {
  readonly transcript: Transcript
  /** Facts for the envelope: seconds charged for, the service's request id. */
  readonly metadata?: Readonly<Record<string, unknown>>
}

/** Somebody who listens. Throws `ProviderError` where a service fails, `TerminalError` where listening again cannot help. */
export interface SpeechToText {
  /** `deepgram`, `pocketsphinx`. */
  readonly name: string
  transcribe(request: SpeechToTextRequest, context: SpeechContext): Promise<SpeechToTextResult>
}
