import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { access } from 'node:fs/promises'
import { delimiter, join } from 'node:path'
import { createInterface } from 'node:readline'
import { TracksError } from '@track-orchestrator/registry'
import { checkOptions, required, text } from '@track-orchestrator/registry/options'
import type { TranscriptWord } from '@track-orchestrator/registry/media'
import { foundFfmpeg, type Ffmpeg } from '../ffmpeg/ffmpeg.ts'
import { isRunnable } from '../ffmpeg/is-runnable.ts'
import { probeMedia } from '../ffmpeg/probe-media.ts'
import { runFfmpeg } from '../ffmpeg/run-ffmpeg.ts'
import { throwIfStopped } from '../ffmpeg/stop.ts'
import { defaultLimits } from '../media-limits.ts'
import type { SpeechContext } from '../speech/speech-to-text.ts'
import type { SpeechRung } from '../speech/speech-ladder.ts'
import { utterancesOfWords } from '../speech/utterances.ts'
import { readPocketsphinxLine } from './pocketsphinx-words.ts'

export interface PocketsphinxOptions {
  readonly ffmpeg: Ffmpeg
  /** Where the program is looked for. Default: this process's `PATH`. */
  readonly searchPath?: string | undefined
  /** Folder of the American English model. Default: where Debian's `pocketsphinx-en-us` puts it. */
  readonly modelFolder?: string | undefined
}

/** What pocketsphinx listens to: 16-bit PCM, 16 kHz, one channel (its en-us model's README). */
const soundOptions = ['-map', '0:a:0', '-vn', '-sn', '-dn', '-ac', '1', '-ar', '16000', '-c:a', 'pcm_s16le', '-f', 'wav']

/**
 * CMU Pocketsphinx, on this machine: good for times, poor for words (about one in three is wrong), English only, about half as long
 * as the sound on one core. Tells no speakers apart. Passes where it is not installed, or another language is asked for.
 */
export function createPocketsphinx(options: PocketsphinxOptions): SpeechRung {
  const rules = { ffmpeg: required(foundFfmpeg), searchPath: text({ minLength: 0 }), modelFolder: text() }
  const { ffmpeg, searchPath, modelFolder = '/usr/share/pocketsphinx/model/en-us' } = checkOptions('createPocketsphinx', options, rules)
  return {
    name: 'pocketsphinx',
    async transcribe({ audioPath, language = 'en' }, context) {
      const program = await findProgram(searchPath ?? process.env['PATH'] ?? '')
      const models = ['en-us', 'en-us.lm.bin', 'cmudict-en-us.dict'].map((name) => join(modelFolder, name))
      if (program === undefined || !/^en\b/i.test(language) || !(await Promise.all(models.map(exists))).every(Boolean)) return undefined

      const { folder, signal } = context
      const soundPath = join(folder, 'pocketsphinx.wav')
      await runFfmpeg(ffmpeg, { what: 'prepare the sound', inputs: [{ path: await audioPath() }], options: soundOptions, output: soundPath }, { signal, cwd: folder })
      const { durationSeconds = 0 } = await probeMedia(ffmpeg, soundPath, { signal, limits: defaultLimits })
      const [acoustic = '', grammar = '', dictionary = ''] = models
      const args = ['-infile', soundPath, '-hmm', acoustic, '-lm', grammar, '-dict', dictionary, '-time', 'yes', '-logfn', '/dev/null']
      const words = await listen(program, args, context, durationSeconds)
      return { transcript: { provider: 'pocketsphinx', model: 'en-us', language: 'en-US', words, utterances: utterancesOfWords(words) } }
    },
  }
}

async function listen(program: string, args: readonly string[], context: SpeechContext, durationSeconds: number): Promise<TranscriptWord[]> {
  const { signal } = context
  throwIfStopped(signal)
  const child = spawn(program, args, { stdio: ['ignore', 'pipe', 'ignore'], signal, killSignal: 'SIGKILL', windowsHide: true })
  const ended = once(child, 'close')
  ended.catch(() => {}) // asked below, when its words are read
  const words: TranscriptWord[] = []
  for await (const line of createInterface({ input: child.stdout })) {
    const word = readPocketsphinxLine(line)
    if (!word) continue
    words.push(word)
    if (durationSeconds > 0) context.progress(Math.min(1, word.endSeconds / durationSeconds), 'listen')
  }
  await ended.catch((cause: unknown) => {
    throwIfStopped(signal)
    throw new TracksError('pocketsphinx could not be run', { code: 'task_failed', retryable: true, cause })
  })
  const { exitCode, signalCode } = child
  if (exitCode !== 0) {
    throw new TracksError(`pocketsphinx failed (${signalCode ?? `exit code ${exitCode}`})`, { code: 'task_failed', retryable: signalCode !== null })
  }
  return words
}

async function findProgram(searchPath: string): Promise<string | undefined> {
  for (const folder of searchPath.split(delimiter)) {
    const path = join(folder, 'pocketsphinx_continuous')
    if (folder !== '' && (await isRunnable(path))) return path
  }
  return undefined
}

const exists = (path: string): Promise<boolean> => access(path).then(() => true, () => false)
