import { TerminalError } from '@track-orchestrator/registry'
import type { SpeechContext, SpeechToText, SpeechToTextRequest, SpeechToTextResult } from './speech-to-text.ts'

/** A listener that may have to pass. Every `SpeechToText` is one that never does. */
export interface SpeechRung {
  readonly name: string
  /** Nothing where it cannot listen to this, here; it throws only where it could have, and failed. */
  transcribe(request: SpeechToTextRequest, context: SpeechContext): Promise<SpeechToTextResult | undefined>
}

/**
 * Asks each listener in turn, until one answers. One that tries and fails is not followed by the next.
 * Throws `TerminalError` `media/no_speech_to_text` where all pass, saying how to get somebody who does not.
 */
export function createSpeechLadder(rungs: readonly SpeechRung[]): SpeechToText {
  return {
    name: rungs.map(({ name }) => name).join(', or '),
    async transcribe(request, context) {
      for (const rung of rungs) {
        const result = await rung.transcribe(request, context)
        if (result) return result
      }
      throw new TerminalError(
        'Nobody here can turn speech into text. Three ways to get somebody: ' +
          'install a listener (on Debian: apt install pocketsphinx pocketsphinx-en-us); ' +
          'put a recorded transcript beside the source (movie.deepgram.json beside movie.webm, as Deepgram answers); ' +
          'or hand a SpeechToText to createMediaHandlers, such as a hosted service.',
        { code: 'media/no_speech_to_text' },
      )
    },
  }
}
