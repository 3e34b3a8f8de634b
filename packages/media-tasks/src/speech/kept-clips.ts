import { createHash, randomUUID } from 'node:crypto'
import { readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { pcmSamples, readPlainWav, wavFile } from '../audio/wav-file.ts'
import { keyPart, tenantPrefix } from '../storage-key.ts'
import type { Storage } from '../storage.ts'
import type { SpeechContext } from './speech-to-text.ts'
import type { ClipIdentity, SpeakRequest, TextToSpeech } from './text-to-speech.ts'

export interface KeptClipsOptions {
  readonly storage: Pick<Storage, 'put' | 'head' | 'fetchToFile'>
  /** Sound belongs to a tenant: none is ever found by another. */
  readonly tenantId: string
}

/**
 * A speaker who says nothing twice: a clip that was spoken before, in whatever run of the tenant, is taken from storage. It is found by
 * what it was asked for: text, voice, model, settings, take, and what is said before or after it. One of the two is enough, so that
 * an edited line costs that line, and the lines around it stay as they were.
 *
 * The clips lie under `tenants/<tenant>/spoken/<speaker>/`. They may be removed at any time; they are spoken again where needed.
 * A speaker that cannot tell what decides over its sound (no `identify`) is given back as it is.
 */
export function keepClips(speaker: TextToSpeech, { storage, tenantId }: KeptClipsOptions): TextToSpeech {
  if (!speaker.identify) return speaker
  const identify = (request: SpeakRequest): ClipIdentity => speaker.identify!(request)
  const keysOf = (request: SpeakRequest): readonly string[] => {
    const what = [version, speaker.name, sorted(identify(request)), request.take ?? 1]
    const around = [['after', request.previousText ?? null], ['before', request.nextText ?? null]]
    return around.map((neighbour) => `${tenantPrefix(tenantId)}spoken/${keyPart(speaker.name)}/${hash([...what, neighbour])}.wav`)
  }

  return {
    name: speaker.name,
    ...(speaker.voices && { voices: speaker.voices }),
    identify,
    async speak(request, context) {
      const keys = keysOf(request)
      const kept = await findClip(storage, keys, context)
      if (kept) {
        await keep(storage, kept.missing, wavFile(kept.samples, kept.sampleRateHz), context)
        const { samples, sampleRateHz } = kept
        return { samples, sampleRateHz, voice: identify(request).voice, characters: request.text.length, metadata: { keptClips: 1 } }
      }
      const clip = await speaker.speak(request, context)
      if (clip.samples.length > 0) await keep(storage, keys, wavFile(clip.samples, clip.sampleRateHz), context)
      return clip
    },
  }
}

/** Another way to make the keys must have another number, or clips would be found by chance. */
const version = 1

interface KeptClip {
  readonly samples: Int16Array
  readonly sampleRateHz: number
  /** Keys under which it is not to be found yet. */
  readonly missing: readonly string[]
}

async function findClip(storage: KeptClipsOptions['storage'], keys: readonly string[], context: SpeechContext): Promise<KeptClip | undefined> {
  const objects = await Promise.all(keys.map((key) => storage.head(key, { signal: context.signal })))
  const missing = keys.filter((_, place) => !objects[place])
  for (const object of objects) {
    const sound = object && (await readClip(storage, object.url, context))
    if (sound) return { ...sound, missing }
    if (object) context.log.warn('A clip that was kept cannot be read, and is spoken again', { key: object.key })
  }
  return undefined
}

async function readClip(storage: KeptClipsOptions['storage'], url: string, { signal, folder }: SpeechContext): Promise<Omit<KeptClip, 'missing'> | undefined> {
  const path = join(folder, `kept-${randomUUID()}.wav`)
  await storage.fetchToFile(url, path, { signal })
  try {
    const sound = await readPlainWav(path)
    if (!sound || sound.sampleCount === 0) return undefined
    const bytes = (await readFile(path)).subarray(sound.firstByte, sound.firstByte + sound.sampleCount * 2)
    return { samples: pcmSamples(bytes), sampleRateHz: sound.sampleRateHz }
  } finally {
    await rm(path, { force: true })
  }
}

async function keep(storage: KeptClipsOptions['storage'], keys: readonly string[], wav: Buffer, { signal, folder }: SpeechContext): Promise<void> {
  if (keys.length === 0) return
  const path = join(folder, `keep-${randomUUID()}.wav`)
  await writeFile(path, wav)
  await Promise.all(keys.map((key) => storage.put(key, path, { contentType: 'audio/wav', signal })))
  await rm(path, { force: true })
}

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
