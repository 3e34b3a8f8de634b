import { S3Client } from '@aws-sdk/client-s3'
import type { R2Settings } from './r2-options.ts'

/**
 * How often one request is sent. It is repeated here, not by the run that called: one part of a big file failed, not the task.
 * What still fails after that is for the engine, which waits longer.
 */
const maxAttempts = 3
const connectionTimeoutMs = 10_000

/** The S3 client, set up for what R2 takes. */
export function createR2Client(settings: R2Settings, credentials: { readonly accessKeyId: string; readonly secretAccessKey: string }): S3Client {
  const { endpoint, stallTimeoutMs } = settings
  return new S3Client({
    endpoint,
    region: 'auto',
    forcePathStyle: true,
    credentials,
    maxAttempts,
    // R2 has refused the newer checksum headers, which the SDK sends else (aws/aws-sdk-js-v3#6810). What we send is in memory, so
    // that its SHA-256 is part of the signature: a body that arrives changed is refused all the same.
    requestChecksumCalculation: 'WHEN_REQUIRED',
    responseChecksumValidation: 'WHEN_REQUIRED',
    // With "Expect: 100-continue" the SDK opens a new connection for each part, and waits. A part that is refused costs little.
    expectContinueHeader: false,
    requestHandler: { connectionTimeout: connectionTimeoutMs, socketTimeout: stallTimeoutMs },
  })
}
