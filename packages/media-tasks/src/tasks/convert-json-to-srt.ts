import { writeFile } from 'node:fs/promises'
import { convertJsonToSrt } from '@track-orchestrator/registry/media'
import { handlerOf, type MediaHandler, type MediaOptions, mediaTools } from '../media-tools.ts'
import { formatSrt } from '../srt/format-srt.ts'
import { transcriptCues } from '../srt/transcript-cues.ts'
import { joinedNotes } from '../video/picture-notes.ts'
import { withWorkspace } from '../workspace.ts'

/** Makes subtitles of a transcript and stores them. Who speaks is told beside the text, cue by cue. */
export function createConvertJsonToSrtHandler(options: MediaOptions): MediaHandler<typeof convertJsonToSrt> {
  const tools = mediaTools('createConvertJsonToSrtHandler', options)
  return handlerOf(convertJsonToSrt, (input, context) =>
    withWorkspace(tools, context, input, async (workspace) => {
      const { transcript, durationSeconds, sourceUrl } = input
      const notes: string[] = []
      const cues = transcriptCues(transcript, input, (note) => notes.push(note))
      const srt = formatSrt(cues)
      const path = workspace.path('cues.srt')
      await writeFile(path, srt)
      const file = await workspace.store(path, { format: 'srt', contentType: 'application/x-subrip' })
      return {
        srt,
        speakers: cues.map(({ speaker }) => speaker ?? null),
        srtUrl: file.url,
        files: [file],
        ...(durationSeconds !== undefined && { durationSeconds }),
        ...(sourceUrl !== undefined && { sourceUrl }),
        ...joinedNotes(transcript.notes, notes),
      }
    }),
  )
}
