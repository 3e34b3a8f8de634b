import { writeFile } from 'node:fs/promises'
import type { TaskHandler } from '@track-orchestrator/registry'
import type { deepgramSpeechToText } from '@track-orchestrator/registry/media'
import type { MediaTools } from '../media-tools.ts'
import { withWorkspace } from '../workspace.ts'

/** Turns speech into text with whatever listener the tools hold, and stores the transcript. */
export function createDeepgramSpeechToTextHandler(tools: MediaTools): TaskHandler<typeof deepgramSpeechToText> {
  return (input, context) =>
    withWorkspace(tools, context, input, async (workspace) => {
      const { audioUrl, durationSeconds, sourceUrl, language, model, diarize, keyterms } = input
      let opened: Promise<string> | undefined
      const { transcript, metadata } = await tools.speechToText.transcribe(
        { audioUrl, audioPath: () => (opened ??= workspace.open(audioUrl)), sourceUrl, language, model, diarize, keyterms },
        {
          signal: workspace.signal,
          log: context.log,
          folder: workspace.folder,
          progress: (fraction, note) => context.progress(0.95 * fraction, note),
        },
      )
      Object.assign(context.metadata, metadata, { provider: transcript.provider, words: transcript.words.length })
      if (transcript.words.length + transcript.utterances.length === 0) context.log.warn('Nobody was heard to speak: the transcript is empty')

      const path = workspace.path('transcript.json')
      await writeFile(path, JSON.stringify(transcript))
      const file = await workspace.store(path, { format: 'json', contentType: 'application/json' })
      return {
        transcript,
        transcriptUrl: file.url,
        files: [file],
        ...(durationSeconds !== undefined && { durationSeconds }),
        ...(sourceUrl !== undefined && { sourceUrl }),
      }
    })
}
