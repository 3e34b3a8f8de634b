import { nameErrorClass } from './error-facts.ts'
import { TracksError } from './tracks-error.ts'

/** An option, registry, track or orchestrator cannot be used as it is written. Thrown where it is given, before anything runs. */
export class DefinitionError extends TracksError {
  static {
    nameErrorClass(DefinitionError, 'DefinitionError')
  }

  constructor(message: string, options: { cause?: unknown } = {}) {
    super(message, { ...options, code: 'definition_invalid', retryable: false })
  }
}
