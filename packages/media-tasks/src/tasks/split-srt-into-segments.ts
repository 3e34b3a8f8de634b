import { ContractError } from '@track-orchestrator/registry'
import { splitSrtIntoSegments } from '@track-orchestrator/registry/media'
import { handlerOf, type MediaHandler } from '../media-tools.ts'
import { beforeEnd } from '../srt/before-end.ts'
import { parseSrt } from '../srt/parse-srt.ts'
import { sentenceUnits, type Unit } from '../srt/sentence-units.ts'
import { spokenText } from '../srt/spoken-text.ts'
import { joinedNotes } from '../video/picture-notes.ts'

/** Takes subtitles apart into segments to be spoken, in order of time: sentences, where cues are parts of them. Cues without a word (`♪`, `…`) are left out. */
export function createSplitSrtIntoSegmentsHandler(): MediaHandler<typeof splitSrtIntoSegments> {
  return handlerOf(splitSrtIntoSegments, ({ srt, speakers, joinSentences, maxPauseSeconds, maxUnitSeconds, ...timeline }) => {
    const cues = parseSrt(srt)
    if (speakers && speakers.length !== cues.length) {
      const message = `expected as many as there are cues, ${cues.length}, got ${speakers.length}`
      throw new ContractError('split_srt_into_segments', 'input', [{ path: ['speakers'], message }])
    }
    const units = cues
      .map(({ startSeconds, endSeconds, text }, place): Unit => {
        const speaker = speakers?.[place]
        return { startSeconds, endSeconds, text: spokenText(text), ...(typeof speaker === 'number' && { speaker }) }
      })
      .filter(({ text }) => text !== '')
      .toSorted((a, b) => a.startSeconds - b.startSeconds)
    const said: string[] = []
    const heard = beforeEnd(timeline.durationSeconds, units, (note) => said.push(note))
    const spoken = joinSentences ? sentenceUnits(heard, { maxPauseSeconds, maxUnitSeconds }) : heard
    return { segments: spoken.map((unit, index) => ({ index, ...unit })), ...timeline, ...joinedNotes(timeline.notes, said) }
  })
}
