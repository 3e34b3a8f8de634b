import { throwIfStopped } from '../ffmpeg/stop.ts'
import { s3Error, type S3Attempt } from './s3-error.ts'

/** Asks the service; what it throws is an error of ours. Throws the signal's reason where that is aborted. */
export async function callS3<Answer>(attempt: S3Attempt, signal: AbortSignal | undefined, work: (options: { abortSignal?: AbortSignal }) => Promise<Answer>): Promise<Answer> {
  throwIfStopped(signal)
  try {
    return await work({ ...(signal && { abortSignal: signal }) })
  } catch (error) {
    throw s3Error(error, attempt, signal)
  }
}
