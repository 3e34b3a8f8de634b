import { writeFile } from 'node:fs/promises'
import { deepgramSpeechToText } from '@track-orchestrator/registry/media'
import { checkTenant } from '../check-tenant.ts'
import { handlerOf, type ListeningOptions, type MediaHandler, mediaTools, type MediaTools } from '../media-tools.ts'
import type { SpeechToTextRequest } from '../speech/speech-to-text.ts'
import { withWorkspace, type StoreOptions } from '../workspace.ts'

/** Turns speech into text with whatever listener the tools hold, and stores the transcript, and what the listener itself said. */
export function createDeepgramSpeechToTextHandler(given: ListeningOptions): MediaHandler<typeof deepgramSpeechToText> {
  const tools = mediaTools('createDeepgramSpeechToTextHandler', given, 'speechToText')
  return handlerOf(deepgramSpeechToText, (input, context) =>
    withWorkspace(tools, context, input, async (workspace) => {
      const { audioUrl, durationSeconds, sourceUrl, language, detectLanguage, model, diarize, keyterms, smartFormat, utterances } = input
      // Not only what is opened here: the listener may be given a signed URL, or look beside the source for what was heard in it.
      for (const url of [audioUrl, sourceUrl]) if (url !== undefined) checkTenant(tools.storage, url, context.tenantId)
      let opened: Promise<string> | undefined
      const request: SpeechToTextRequest = {
        ...{ audioUrl, sourceUrl, durationSeconds, language, detectLanguage, model, diarize, keyterms, smartFormat, utterances },
        audioPath: () => (opened ??= workspace.open(audioUrl)),
        signAudioUrl: signerOf(tools, audioUrl),
      }
      workspace.progress.begin('listen')
      const startedAt = performance.now()
      const rateOfSound = (fraction: number) => {
        const seconds = (performance.now() - startedAt) / 1_000
        return durationSeconds === undefined || seconds < 1 ? undefined : `${((fraction * durationSeconds) / seconds).toFixed(1)}x`
      }
      const { transcript, documents = [], metadata } = await given.speechToText.transcribe(request, {
        signal: workspace.signal,
        log: context.log,
        cost: context.cost,
        folder: workspace.folder,
        progress: (fraction, note = 'listen') => workspace.progress.report(0.95 * fraction, note, rateOfSound(fraction)),
      })
      Object.assign(context.metadata, metadata, { provider: transcript.provider, words: transcript.words.length })
      if (transcript.words.length + transcript.utterances.length === 0) context.log.warn('Nobody was heard to speak: the transcript is empty')

      const storeText = async (name: string, text: string, options: StoreOptions) => {
        const path = workspace.path(name)
        await writeFile(path, text)
        return workspace.store(path, options)
      }
      const file = await storeText('transcript.json', JSON.stringify(transcript), { format: 'json', contentType: 'application/json' })
      const files = [file]
      for (const { name, format, contentType, text } of documents) files.push(await storeText(`${name}.${format}`, text, { format, contentType, number: name }))
      return {
        transcript,
        transcriptUrl: file.url,
        files,
        ...(durationSeconds !== undefined && { durationSeconds }),
        ...(sourceUrl !== undefined && { sourceUrl }),
      }
    }),
  )
}

function signerOf({ storage }: MediaTools, url: string): SpeechToTextRequest['signAudioUrl'] {
  return storage.sign && storage.owns(url) ? (expiresInSeconds) => storage.sign!(url, { expiresInSeconds }) : undefined
}
