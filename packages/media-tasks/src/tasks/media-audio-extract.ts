import { mediaAudioExtract } from '@track-orchestrator/registry/media'
import { planExtraction, type Extraction } from '../audio/extraction.ts'
import { lengthOfSound } from '../audio/length-of-sound.ts'
import { openSound } from '../audio/open-sound.ts'
import { handlerOf, type MediaHandler, type MediaOptions, mediaTools } from '../media-tools.ts'
import { withWorkspace } from '../workspace.ts'

const containers = {
  wav: { format: 'wav', contentType: 'audio/wav' },
  mp3: { format: 'mp3', contentType: 'audio/mpeg' },
  aac: { format: 'm4a', contentType: 'audio/mp4' },
} as const

/** Takes out the sound and lays it on the clock that it shares with the picture: from the beginning of the earlier to the end of the later. */
export function createMediaAudioExtractHandler(given: MediaOptions): MediaHandler<typeof mediaAudioExtract> {
  const tools = mediaTools('createMediaAudioExtractHandler', given)
  return handlerOf(mediaAudioExtract, (input, context) =>
    withWorkspace(tools, context, input, async (workspace) => {
      const { signal } = workspace
      const { path, facts, stream, clock } = await openSound(tools, workspace, input.url, input.audioStream)

      const { copied, options }: Extraction = planExtraction(stream, clock, input)
      const { format, contentType } = containers[input.format]
      const output = `sound.${format}`
      const expectedSeconds = clock?.durationSeconds ?? facts.durationSeconds
      await workspace.ffmpeg(
        { what: 'take out the sound', inputs: [{ path }], options, output },
        { ...(expectedSeconds !== undefined && { durationSeconds: expectedSeconds }), to: 0.9 },
      )

      const made = workspace.path(output)
      const durationSeconds = clock?.durationSeconds ?? (await lengthOfSound(tools.ffmpeg, made, { signal, limits: tools.limits }))
      const file = await workspace.store(made, { format, contentType, durationSeconds })
      workspace.progress.report(1, 'stored')
      return { audioUrl: file.url, files: [file], durationSeconds, sourceUrl: input.sourceUrl ?? input.url, audioStream: stream.index, copied }
    }),
  )
}
