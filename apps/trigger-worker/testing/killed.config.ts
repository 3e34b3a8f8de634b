import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import type { TaskHandler } from '@track-orchestrator/registry'
import config from '../tracks.config.ts'

// The worker's configuration, whose process is killed, if KILLED_RUN is set, as it is to speak and everything that does not wait for that is done.

const { KILLED_RUN, TRACKS_FOLDER } = process.env
const handlers = typeof config.handlers === 'function' ? await config.handlers() : config.handlers
const speak: TaskHandler = async () => {
  const journal = join(TRACKS_FOLDER!, 'runs', KILLED_RUN!, 'journal.jsonl')
  while (!/"type":"call\.succeeded"[^\n]*combine_video_segments/.test(await readFile(journal, 'utf8'))) await delay(50)
  process.kill(process.pid, 'SIGKILL')
  return delay(60_000)
}

export default { ...config, handlers: { ...handlers, ...(KILLED_RUN !== undefined && { elevenlabs_text_to_speech_batch: speak }) } }
