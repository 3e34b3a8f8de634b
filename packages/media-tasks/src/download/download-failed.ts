import { TracksError } from '@track-orchestrator/registry'

/** `media/download_failed`: a file could not be fetched from a host, and why. No cause is attached: those of Node hold whole URLs. */
export function downloadFailed(host: string, why: string, { retryable }: { readonly retryable: boolean }): TracksError {
  return new TracksError(`The file could not be fetched from ${host}: ${why}`, { code: 'media/download_failed', retryable })
}
