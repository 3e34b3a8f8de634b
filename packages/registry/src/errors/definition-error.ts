import { TracksError } from './tracks-error.ts'

/** A registry, track or orchestrator cannot be run as it is written. Thrown by `defineX`, before anything runs. */
export class DefinitionError extends TracksError {
  constructor(message: string, options: { cause?: unknown } = {}) {
    super(message, { code: 'definition_invalid', retryable: false, ...options })
    this.name = 'DefinitionError'
  }
}
