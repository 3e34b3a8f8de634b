import { S3Client } from '@aws-sdk/client-s3'
import { boundAnswers } from './bounded-answers.ts'
import { createRetries, maxAttempts } from './retries.ts'
import type { S3Settings } from './s3-options.ts'

const connectionTimeoutMs = 10_000

/** The S3 client, set up for what R2 and its like take. */
export function createS3Client({ endpoint, region, pathStyle, credentials, stallTimeoutMs }: S3Settings): S3Client {
  const client = new S3Client({
    endpoint,
    region,
    forcePathStyle: pathStyle,
    credentials,
    maxAttempts,
    retryStrategy: createRetries(),
    // R2 has refused the newer checksum headers, which the SDK sends else (aws/aws-sdk-js-v3#6810). What we send is in memory, so
    // that its SHA-256 is part of the signature: a body that arrives changed is refused all the same.
    requestChecksumCalculation: 'WHEN_REQUIRED',
    responseChecksumValidation: 'WHEN_REQUIRED',
    // With "Expect: 100-continue" the SDK opens a new connection for each part, and waits. A part that is refused costs little.
    expectContinueHeader: false,
    requestHandler: { connectionTimeout: connectionTimeoutMs, socketTimeout: stallTimeoutMs },
    ...deafToEnvironment,
    sigv4aSigningRegionSet: [region],
  })
  boundAnswers(client, stallTimeoutMs)
  return client
}

/**
 * The SDK looks for what it is not told in AWS_… variables and in ~/.aws, which may be meant for other tools, and would send requests
 * elsewhere, sign them in another way, or fail on a profile that is not there. So it is told everything that it would look for.
 */
const deafToEnvironment = {
  authSchemePreference: ['sigv4'],
  defaultsMode: 'standard',
  disableS3ExpressSessionAuth: true,
  ignoreConfiguredEndpointUrls: true,
  retryMode: 'standard',
  useArnRegion: false,
  useDualstackEndpoint: false,
  useFipsEndpoint: false,
  userAgentAppId: async () => undefined,
} as const satisfies Partial<ConstructorParameters<typeof S3Client>[0]> & object
