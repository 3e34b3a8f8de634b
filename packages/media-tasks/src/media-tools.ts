import { tmpdir } from 'node:os'
import { parseInput, type TaskContext, type TaskContract, type TaskHandler } from '@track-orchestrator/registry'
import { anything, checkOptions, madeBy, required, shape, text, wholeNumber, type RulesOf } from '@track-orchestrator/registry/options'
import { downloadRules, type DownloadRules } from './download/download-rules.ts'
import { foundFfmpeg, type Ffmpeg } from './ffmpeg/ffmpeg.ts'
import { defaultLimits, limitRules, type MediaLimits } from './media-limits.ts'
import type { SpeechToText } from './speech/speech-to-text.ts'
import type { TextToSpeech } from './speech/text-to-speech.ts'
import type { Storage } from './storage.ts'

/** What a handler of a media task is made with. */
export interface MediaOptions {
  /** What `findFfmpeg()` gives. */
  readonly ffmpeg: Ffmpeg
  readonly storage: Storage
  /** Default: the system's folder for temporary files. Room for twice the largest input is needed. */
  readonly temporaryFolder?: string | undefined
  /** Default: `defaultLimits`. Throws `DefinitionError` out of bounds. */
  readonly limits?: { readonly [Limit in keyof MediaLimits]?: number | undefined } | undefined
  /** How inputs with `https:` URLs are fetched. Default: from public addresses only, within an hour. Throws `DefinitionError` out of bounds. */
  readonly download?: Partial<DownloadRules> | undefined
  /**
   * Threads of each H.264 encoder where a video is encoded in parts: 1 (default) on one machine, where as many parts run side by
   * side as there are cores; 0, as many as ffmpeg sees fit, where each part has a machine of its own. At most 128.
   */
  readonly encoderThreads?: number | undefined
}

export interface ListeningOptions extends MediaOptions {
  readonly speechToText: SpeechToText
}

export interface SpeakingOptions extends MediaOptions {
  readonly textToSpeech: TextToSpeech
}

/** The options with their defaults. */
export interface MediaTools {
  readonly ffmpeg: Ffmpeg
  readonly storage: Storage
  /** Each attempt gets a folder of its own in here, which is gone when it ends. */
  readonly temporaryFolder: string
  readonly limits: MediaLimits
  readonly download: DownloadRules
  readonly encoderThreads: number
}

const rules: RulesOf<MediaOptions> = {
  ffmpeg: required(foundFfmpeg),
  storage: required(madeBy('createFileStorage({ root })', 'put', 'putIfAbsent', 'fetchToFile', 'owns', 'keyOf', 'urlOf', 'head', 'delete', 'list')),
  temporaryFolder: text(),
  limits: shape(limitRules),
  download: anything, // judged by downloadRules
  encoderThreads: wholeNumber({ from: 0, to: 128 }),
}
const speechRules = { speechToText: madeBy('createDeepgram({ apiKey })', 'transcribe'), textToSpeech: madeBy('createElevenLabs({ apiKey })', 'speak') }

/** Checks the options, those in `needed` too, and fills in the defaults. `owner` is the function that was called. Throws `DefinitionError`. */
export function mediaTools(owner: string, options: MediaOptions, ...needed: readonly (keyof typeof speechRules)[]): MediaTools {
  const speech = Object.entries(speechRules).map(([name, rule]) => [name, needed.some((each) => each === name) ? required(rule) : rule] as const)
  const { limits, download, ...checked } = checkOptions(owner, options, { ...rules, ...Object.fromEntries(speech) })
  return {
    temporaryFolder: tmpdir(),
    encoderThreads: 1,
    ...checked,
    limits: { ...defaultLimits, ...(limits as Partial<MediaLimits> | undefined) },
    download: downloadRules(download),
  }
}

/** A handler that can also be called without an engine: it sees to its input's defaults itself. */
export type MediaHandler<C extends TaskContract> = (input: C['~io']['in'], context: TaskContext) => Promise<C['~handler']['results']>

/** The handler, behind a check of its input: whoever calls it alone gets the contract's defaults, or a `ContractError`. */
export function handlerOf<C extends TaskContract>(task: C, work: TaskHandler<C>): MediaHandler<C> {
  return async (input, context) => work(await parseInput(task, input), context)
}
