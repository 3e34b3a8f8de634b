import { createHash } from 'node:crypto'
import { ProviderError } from '@track-orchestrator/registry'
import { throwIfStopped } from '../ffmpeg/stop.ts'
import { keyPart, tenantPrefix } from '../storage-key.ts'
import type { Storage } from '../storage.ts'
import { createClipStore } from './clip-store.ts'
import { whyNoSpeech } from './heard-as-speech.ts'
import { oneAtATime } from './one-at-a-time.ts'
import type { ClipIdentity, SpeakRequest, TextToSpeech } from './text-to-speech.ts'

export interface KeptClipsOptions {
  readonly storage: Pick<Storage, 'put' | 'head' | 'fetchToFile'>
  /** Sound belongs to a tenant: none is ever found by another. */
  readonly tenantId: string
}

/**
 * A speaker who says nothing twice: a clip that was spoken before, in whatever run of the tenant, is taken from storage. It is found by
 * what it was asked for: text, voice, model, settings, take, and what is said before or after it, where the speaker hears that. One of the
 * two is enough, so that an edited line costs that line, and the lines around it stay as they were. Who asks for a clip that is being
 * spoken in this process waits for it.
 *
 * The clips lie under `tenants/<tenant>/spoken/<speaker>/`. They may be removed at any time; they are spoken again where needed. A clip
 * that cannot be stored there is used all the same. What cannot be the text (silence, a few samples) is neither used nor kept.
 * A speaker that cannot tell what decides over its sound (no `identify`) is given back as it is.
 */
export function keepClips(speaker: TextToSpeech, { storage, tenantId }: KeptClipsOptions): TextToSpeech {
  if (!speaker.identify) return speaker
  const clips = createClipStore(storage)
  const identify = (request: SpeakRequest): ClipIdentity => speaker.identify!(request)
  const keysOf = (request: SpeakRequest): readonly string[] => {
    const what = [version, speaker.name, sorted(identify(request)), request.take ?? 1]
    const hears = speaker.hearsAround?.(request) ?? true
    const around = hears ? [['after', request.previousText ?? null], ['before', request.nextText ?? null]] : [['alone']]
    return around.map((neighbour) => `${tenantPrefix(tenantId)}spoken/${keyPart(speaker.name)}/${hash([...what, neighbour])}.wav`)
  }

  return {
    ...speaker,
    identify,
    async speak(request, context) {
      const keys = keysOf(request)
      return oneAtATime(storage, keys, context.signal, async () => {
        const kept = await clips.find(keys, request.text, context)
        if (kept) {
          await clips.keep(kept.missing, kept.sound, context)
          return { ...kept.sound, voice: identify(request).voice, characters: request.text.length, metadata: { keptClips: 1 } }
        }
        throwIfStopped(context.signal)
        const clip = await speaker.speak(request, context)
        if (clip.samples.length === 0) return clip
        const wrong = whyNoSpeech(request.text, clip.samples, clip.sampleRateHz)
        if (wrong !== undefined) throw new ProviderError(`${speaker.name} answered with ${wrong}`, { provider: speaker.name, retryable: true })
        await clips.keep(keys, { samples: clip.samples, sampleRateHz: clip.sampleRateHz }, context)
        return clip
      })
    },
  }
}

/** Another way to make the keys must have another number, or clips would be found by chance. */
const version = 1

const hash = (value: unknown): string => createHash('sha256').update(JSON.stringify(value)).digest('hex')

/** The same JSON whatever order the keys came in. */
function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted)
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(
    Object.entries(value)
      .toSorted(([a], [b]) => (a < b ? -1 : 1))
      .map(([name, inner]) => [name, sorted(inner)]),
  )
}
