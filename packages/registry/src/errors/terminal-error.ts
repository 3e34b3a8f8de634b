import { TracksError, type ErrorCode, type ErrorPlace } from './tracks-error.ts'

/** We must stop: trying again would fail in the same way. Throw it from a handler to forgo the remaining attempts. */
export class TerminalError extends TracksError {
  constructor(message: string, options: { code?: ErrorCode; cause?: unknown; place?: ErrorPlace | undefined } = {}) {
    super(message, { code: 'terminal', ...options, retryable: false })
    this.name = 'TerminalError'
  }
}
