import { writeFile } from 'node:fs/promises'
import { errorFromJson, errorToJson, TerminalError, toTracksError, type TracksError } from '@track-orchestrator/registry'
import { elevenlabsTextToSpeechBatch, type SpeechSegment, type SpokenSegment, type StoredFile } from '@track-orchestrator/registry/media'
import { pcmBytes, wavHeader } from '../wav-file.ts'
import { workAhead } from '../audio/work-ahead.ts'
import { throwIfStopped } from '../ffmpeg/stop.ts'
import { handlerOf, type MediaHandler, mediaTools, type SpeakingOptions } from '../media-tools.ts'
import { castVoices } from '../speech/cast-voices.ts'
import { speakInTime } from '../speech/fit-speed.ts'
import { keepClips } from '../speech/kept-clips.ts'
import { createPace } from '../speech/pace.ts'
import type { TextToSpeech } from '../speech/text-to-speech.ts'
import { withWorkspace } from '../workspace.ts'

/**
 * Speaks every segment with whatever speaker the tools hold, and stores one WAV file each. What a hosted speaker has said before is
 * not asked for again. A failed segment fails the batch, saying which it was; the next attempt goes on from what was spoken.
 */
export function createElevenlabsTextToSpeechBatchHandler(options: SpeakingOptions): MediaHandler<typeof elevenlabsTextToSpeechBatch> {
  const tools = mediaTools('createElevenlabsTextToSpeechBatchHandler', options, 'textToSpeech')
  return handlerOf(elevenlabsTextToSpeechBatch, (input, context) =>
    withWorkspace(tools, context, input, async (workspace) => {
      const { segments, durationSeconds, sourceUrl, srtUrl, notes, model, voiceSettings, takes, concurrency } = input
      const { textToSpeech } = options
      const { storage } = tools
      refuseUnspoken(textToSpeech, segments)
      const voiceOf = castVoices(segments, input, textToSpeech.voices)
      const failed = new AbortController()
      // What is paid for by the clip is heard to the end, and kept, though another one has failed.
      const signal = textToSpeech.identify ? workspace.signal : AbortSignal.any([workspace.signal, failed.signal])
      const speaking = { signal, log: context.log, folder: workspace.folder, progress: () => {}, cost: context.cost }
      const pace = createPace({ width: concurrency, signal: workspace.signal, log: context.log })
      const paced: TextToSpeech = {
        name: textToSpeech.name,
        ...(textToSpeech.identify && { identify: (request) => textToSpeech.identify!(request) }),
        ...(textToSpeech.hearsAround && { hearsAround: (request) => textToSpeech.hearsAround!(request) }),
        speak: (request) =>
          pace.run(() => {
            throwIfStopped(failed.signal)
            return textToSpeech.speak(request, speaking)
          }),
      }
      const speaker = keepClips(paced, { storage, tenantId: context.tenantId })

      const fileNumbers = numbersOf(segments)

      const speakOne = async (segment: SpeechSegment, place: number) => {
        throwIfStopped(failed.signal)
        const around = { previousText: segments[place - 1]?.text, nextText: segments[place + 1]?.text }
        const request = { text: segment.text, voice: voiceOf(segment.speaker), model, ...around, voiceSettings, take: takes[segment.index] }
        const { clip, speed } = await speakInTime({ voice: textToSpeech, speak: (one) => speaker.speak(one, speaking) }, request, segment, input)
        const spokenSeconds = clip.samples.length / clip.sampleRateHz
        const name = fileNumbers[place] ?? ''
        const path = workspace.path(`clip-${place}.wav`)
        await writeFile(path, [wavHeader(clip.samples.length, clip.sampleRateHz), pcmBytes(clip.samples)])
        const file = await workspace.store(path, { format: 'wav', contentType: 'audio/wav', durationSeconds: spokenSeconds, number: name })
        return { clip, file, segment: { ...segment, audioUrl: file.url, spokenSeconds, voice: clip.voice, voiceSpeed: speed } }
      }
      const clips = workAhead(segments, concurrency, (segment, place) =>
        speakOne(segment, place).catch((error: unknown) => {
          // The first failure is everybody's: the others need not begin.
          if (!failed.signal.aborted) failed.abort(workspace.signal.aborted ? toTracksError(error) : ofSegment(segment, error))
          throw failed.signal.reason
        }),
      )

      const spoken: SpokenSegment[] = []
      const files: StoredFile[] = []
      let characters = 0
      const told = workspace.progress.counter('speak', 'segments')
      workspace.progress.begin('speak')
      for await (const { clip, file, segment } of clips) {
        spoken.push(segment)
        files.push(file)
        characters += clip.characters
        addFacts(context.metadata, clip.metadata)
        Object.assign(context.metadata, { provider: textToSpeech.name, characters })
        told(spoken.length, segments.length)
      }
      return {
        segments: spoken,
        files,
        provider: textToSpeech.name,
        characters,
        ...(durationSeconds !== undefined && { durationSeconds }),
        ...(sourceUrl !== undefined && { sourceUrl }),
        ...(srtUrl !== undefined && { srtUrl }),
        ...(notes && { notes }),
      }
    }),
  )
}

/** Before anything is spoken: a film of which a part stays silent is no result. */
function refuseUnspoken(voice: TextToSpeech, segments: readonly SpeechSegment[]): void {
  const refused = segments.flatMap(({ index, text }) => {
    const why = voice.refuses?.({ text })
    return why === undefined ? [] : [{ index, text, why }]
  })
  const [first] = refused
  if (!first) return
  const which = `${refused.length} of ${segments.length} segments, the first of them ${first.index} (${JSON.stringify(first.text.slice(0, 40))})`
  throw new TerminalError(`${voice.name} cannot say ${which}: ${first.why}.`, { code: 'media/text_unspoken' })
}

/** The number of each segment's file: its index, and which one of them it is, where several have the same. */
function numbersOf(segments: readonly SpeechSegment[]): string[] {
  const seen = new Map<number, number>()
  return segments.map(({ index }) => {
    const before = seen.get(index) ?? 0
    seen.set(index, before + 1)
    return `${String(index).padStart(4, '0')}${before === 0 ? '' : `-${before + 1}`}`
  })
}

/** Numbers (cost) are added up over the batch; of other facts the last one stays. */
function addFacts(sum: Record<string, unknown>, facts: Readonly<Record<string, unknown>> = {}): void {
  for (const [name, fact] of Object.entries(facts)) {
    const before = sum[name]
    sum[name] = typeof fact === 'number' && typeof before === 'number' ? before + fact : fact
  }
}

/** The same error, of the same kind, saying which segment it was. */
function ofSegment({ index, text }: SpeechSegment, error: unknown): TracksError {
  const json = errorToJson(error)
  const shortened = text.length > 40 ? `${text.slice(0, 40)}…` : text
  return Object.assign(errorFromJson({ ...json, message: `Segment ${index} (${JSON.stringify(shortened)}): ${json.message}` }), { cause: error })
}
