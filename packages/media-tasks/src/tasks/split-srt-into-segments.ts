import { ContractError } from '@track-orchestrator/registry'
import { type SpeechSegment, splitSrtIntoSegments } from '@track-orchestrator/registry/media'
import { handlerOf, type MediaHandler } from '../media-tools.ts'
import { parseSrt } from '../srt/parse-srt.ts'
import { spokenText } from '../srt/spoken-text.ts'

/** Takes subtitles apart into segments to be spoken, in order of time. Cues without a word (`♪`, `…`) are left out. */
export function createSplitSrtIntoSegmentsHandler(): MediaHandler<typeof splitSrtIntoSegments> {
  return handlerOf(splitSrtIntoSegments, ({ srt, speakers, ...timeline }) => {
    const cues = parseSrt(srt)
    if (speakers && speakers.length !== cues.length) {
      const message = `expected as many as there are cues, ${cues.length}, got ${speakers.length}`
      throw new ContractError('split_srt_into_segments', 'input', [{ path: ['speakers'], message }])
    }
    const segments = cues
      .map(({ startSeconds, endSeconds, text }, index) => ({ startSeconds, endSeconds, text: spokenText(text), speaker: speakers?.[index] }))
      .filter(({ text }) => text !== '')
      .toSorted((a, b) => a.startSeconds - b.startSeconds)
      .map(({ speaker, ...cue }, index): SpeechSegment => (typeof speaker === 'number' ? Object.assign(cue, { index, speaker }) : Object.assign(cue, { index })))
    return { segments, ...timeline }
  })
}
