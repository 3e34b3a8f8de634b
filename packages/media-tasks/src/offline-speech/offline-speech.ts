import type { Ffmpeg } from '../ffmpeg/ffmpeg.ts'
import { createSpeechLadder } from '../speech/speech-ladder.ts'
import type { SpeechToText } from '../speech/speech-to-text.ts'
import type { Storage } from '../storage.ts'
import { createPocketsphinx } from './pocketsphinx.ts'
import { createRecordedSpeech } from './recorded.ts'

/** Speech to text without any service: a transcript recorded beside the source, else pocketsphinx where it is installed. */
export function createOfflineSpeechToText(tools: { readonly ffmpeg: Ffmpeg; readonly storage: Storage }): SpeechToText {
  return createSpeechLadder([createRecordedSpeech(tools.storage), createPocketsphinx({ ffmpeg: tools.ffmpeg })])
}
