import { randomUUID } from 'node:crypto'
import { readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { TracksError } from '@track-orchestrator/registry'
import { pcmBytes, pcmSamples, readPlainWav, wavFile } from '../wav-file.ts'
import { throwIfStopped } from '../ffmpeg/stop.ts'
import type { Storage } from '../storage.ts'
import { whyNoSpeech } from './heard-as-speech.ts'
import { noRawSound } from './no-raw-sound.ts'
import type { SpeechContext } from './speech-to-text.ts'

export interface Sound {
  readonly samples: Int16Array
  readonly sampleRateHz: number
}

export interface FoundClip {
  readonly sound: Sound
  /** Keys under which it is not to be found yet. */
  readonly missing: readonly string[]
}

export interface ClipStore {
  /** What lies under one of the keys and can be the text. Throws where the storage cannot say what it has: it may have been paid for. */
  find(keys: readonly string[], text: string, context: SpeechContext): Promise<FoundClip | undefined>
  /** Stores the sound under each key. Where that fails it says so in the log, and remembers the sound for the next who asks in this process. */
  keep(keys: readonly string[], sound: Sound, context: SpeechContext): Promise<void>
}

/** Sound that could not be stored: 32 MiB in all, about 11 minutes of speech; what is oldest goes first. */
const mostRememberedBytes = 32 * 2 ** 20
const rememberedBy = new WeakMap<object, Map<string, Sound>>()

/** Clips as WAV files in a storage. */
export function createClipStore(storage: Pick<Storage, 'put' | 'head' | 'fetchToFile'>): ClipStore {
  const remembered = rememberedBy.get(storage) ?? new Map<string, Sound>()
  rememberedBy.set(storage, remembered)

  const read = async (key: string, text: string, context: SpeechContext): Promise<Sound | undefined> => {
    const object = await storage.head(key, { signal: context.signal })
    if (!object) return undefined
    const sound = await readClip(storage, object.url, context)
    if (sound === 'gone') return undefined
    if (sound && noRawSound(pcmBytes(sound.samples)) === undefined && whyNoSpeech(text, sound.samples, sound.sampleRateHz) === undefined) return sound
    context.log.warn('A clip that was kept cannot be read, or is no speech, and is spoken again', { key })
    return undefined
  }

  return {
    async find(keys, text, context) {
      const found = await Promise.all(keys.map((key) => read(key, text, context)))
      const sound = found.find((one) => one !== undefined) ?? keys.map((key) => remembered.get(key)).find((one) => one !== undefined)
      return sound && { sound, missing: keys.filter((_, place) => !found[place]) }
    },

    async keep(keys, sound, context) {
      if (keys.length === 0) return
      const path = join(context.folder, `keep-${randomUUID()}.wav`)
      try {
        await writeFile(path, wavFile(sound.samples, sound.sampleRateHz))
        const stored = await Promise.allSettled(keys.map((key) => storage.put(key, path, { contentType: 'audio/wav', signal: context.signal })))
        const failures = stored.flatMap((result) => (result.status === 'rejected' ? [result.reason as unknown] : []))
        for (const [place, key] of keys.entries()) {
          if (stored[place]?.status === 'fulfilled') remembered.delete(key)
          else remember(remembered, key, sound)
        }
        if (failures.length === 0) return
        throwIfStopped(context.signal)
        const [failure] = failures
        context.log.warn('A clip could not be kept, and is used all the same: another process would pay for it again', { keys, reason: failure instanceof Error ? failure.message : 'it did not say why' })
      } finally {
        await rm(path, { force: true })
      }
    },
  }
}

function remember(remembered: Map<string, Sound>, key: string, sound: Sound): void {
  remembered.delete(key)
  remembered.set(key, sound)
  let bytes = [...new Set(remembered.values())].reduce((sum, { samples }) => sum + samples.byteLength, 0)
  for (const [oldest, { samples }] of remembered) {
    if (bytes <= mostRememberedBytes) return
    remembered.delete(oldest)
    bytes -= samples.byteLength
  }
}

/** Nothing for what is no WAV file of ours; `gone` where it was removed since it was seen. */
async function readClip(storage: Pick<Storage, 'fetchToFile'>, url: string, { signal, folder }: SpeechContext): Promise<Sound | 'gone' | undefined> {
  const path = join(folder, `kept-${randomUUID()}.wav`)
  try {
    await storage.fetchToFile(url, path, { signal })
    const plain = await readPlainWav(path)
    if (!plain || plain.sampleCount === 0) return undefined
    const bytes = (await readFile(path)).subarray(plain.firstByte, plain.firstByte + plain.sampleCount * 2)
    return { samples: pcmSamples(bytes), sampleRateHz: plain.sampleRateHz }
  } catch (error) {
    if (TracksError.is(error) && error.code === 'media/not_found') return 'gone'
    throw error
  } finally {
    await rm(path, { force: true })
  }
}
