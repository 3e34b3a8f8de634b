import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { redact, TerminalError, TracksError } from '@track-orchestrator/registry'
import { readDeepgramResponse } from '../speech/deepgram-response.ts'
import type { SpeechRung } from '../speech/speech-ladder.ts'
import type { Storage } from '../storage.ts'

/** Of a film of twelve hours, Deepgram's whole answer is a third of that. */
const mostBytes = 64 * 1_024 ** 2

/**
 * Reads what somebody wrote down before: `movie.deepgram.json` beside the source `movie.webm`, in the shape of Deepgram's answer.
 * The transcript says `recorded`, for nobody listened. Passes where there is no such file.
 */
export function createRecordedSpeech(storage: Pick<Storage, 'fetchToFile'>): SpeechRung {
  return {
    name: 'recorded',
    async transcribe({ sourceUrl, audioUrl, durationSeconds }, { folder, signal, log }) {
      const url = recordingUrl(sourceUrl ?? audioUrl)
      if (url === undefined) return undefined
      const path = join(folder, 'recorded.json')
      try {
        await storage.fetchToFile(url, path, { signal, maxBytes: mostBytes })
      } catch (error) {
        if (TracksError.is(error) && (error.code === 'media/not_found' || error.code === 'media/url_refused')) return undefined
        throw error
      }
      const transcript = readDeepgramResponse(parseJson(await readFile(path, 'utf8'), url), 'recorded', durationSeconds)
      if (!transcript) throw noTranscript(url, 'it has neither results.channels nor results.utterances, or a text without times, for a sound whose length is not known')
      log.info(`Nobody listened: the transcript was recorded beforehand, in ${redact(url)}`)
      return { transcript }
    },
  }
}

/** `file:///a/movie.webm` has `file:///a/movie.deepgram.json` beside it. Nothing for a URL that names no file. */
function recordingUrl(url: string): string | undefined {
  return /^[a-z][a-z\d+.-]*:\/\/[^?#]*[^/?#]$/i.test(url) ? `${url.replace(/\.[^./]*$/, '')}.deepgram.json` : undefined
}

function parseJson(text: string, url: string): unknown {
  try {
    return JSON.parse(text)
  } catch (cause) {
    throw noTranscript(url, 'it is no JSON', cause)
  }
}

function noTranscript(url: string, why: string, cause?: unknown): TerminalError {
  const message = `${redact(url)} is no recorded transcript: ${why}. Give it the shape of Deepgram's answer, or remove it.`
  return new TerminalError(message, { code: 'media/not_media', ...(cause !== undefined && { cause }) })
}
