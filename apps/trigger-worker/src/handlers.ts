import type { TaskHandlers } from '@track-orchestrator/registry'
import type { TaskRegistry } from '@track-orchestrator/registry/media'
import { createMediaHandlers, type MediaHandlersOptions } from '@track-orchestrator/media-tasks'
import { createSpeech, type SpeechServices } from './speech.ts'

export interface HandlersOptions extends Omit<MediaHandlersOptions, 'speechToText' | 'textToSpeech'> {
  /** Default: none, so that nothing leaves this machine. */
  readonly services?: SpeechServices | undefined
  /** Where pocketsphinx is looked for. */
  readonly searchPath: string
}

/** The media tasks, with hosted speech where a service is given, else with what needs no account. */
export function createHandlers({ searchPath, services = {}, ...options }: HandlersOptions): TaskHandlers<TaskRegistry> {
  return createMediaHandlers({ ...options, ...createSpeech({ ...options, services, searchPath }) })
}
