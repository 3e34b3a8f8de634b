import type { DownloadRules } from './download/download-rules.ts'
import type { Ffmpeg } from './ffmpeg/ffmpeg.ts'
import type { MediaLimits } from './media-limits.ts'
import type { SpeechToText } from './speech/speech-to-text.ts'
import type { TextToSpeech } from './speech/text-to-speech.ts'
import type { Storage } from './storage.ts'

/** What every media handler is made with. */
export interface MediaTools {
  readonly ffmpeg: Ffmpeg
  readonly storage: Storage
  /** Each attempt gets a folder of its own in here, which is gone when it ends. */
  readonly temporaryFolder: string
  readonly limits: MediaLimits
  /** How `https:` inputs are fetched. */
  readonly download: DownloadRules
  /** Threads of each H.264 encoder where parts are encoded side by side. 0: as many as ffmpeg sees fit. */
  readonly encoderThreads: number
  readonly speechToText: SpeechToText
  readonly textToSpeech: TextToSpeech
}
