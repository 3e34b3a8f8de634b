import { ListObjectsV2Command, type ListObjectsV2CommandOutput } from '@aws-sdk/client-s3'
import { noAnswer, type S3Attempt } from './s3-error.ts'

/** One key of a list. */
export interface ListedKey {
  readonly key: string
  readonly sizeBytes: number
}

/**
 * All keys with the prefix, page by page, until the service says that there are no more: a short page is not the last one, and an empty
 * answer says nothing. Throws `ProviderError` where a page is none, or the pages go round in a circle.
 */
export async function* listKeys(bucket: string, prefix: string, attempt: S3Attempt, ask: (command: ListObjectsV2Command) => Promise<ListObjectsV2CommandOutput>): AsyncGenerator<ListedKey> {
  const seen = new Set<string>()
  let token: string | undefined
  do {
    const page = await ask(new ListObjectsV2Command({ Bucket: bucket, Prefix: prefix, ...(token !== undefined && { ContinuationToken: token }) }))
    const { Contents = [], KeyCount, IsTruncated, NextContinuationToken } = page
    if (IsTruncated === undefined) throw noAnswer(attempt, 'the answer does not say whether there is more: it is no list')
    if (KeyCount !== undefined && KeyCount !== Contents.length) throw noAnswer(attempt, `the answer announces ${KeyCount} keys and names ${Contents.length}`)
    if (IsTruncated && (NextContinuationToken === undefined || seen.has(NextContinuationToken))) throw noAnswer(attempt, 'the answer says that there is more, and not where')
    for (const { Key: key, Size: sizeBytes } of Contents) {
      if (key === undefined || sizeBytes === undefined || !key.startsWith(prefix)) throw noAnswer(attempt, 'the answer names what was not asked for')
      yield { key, sizeBytes }
    }
    token = IsTruncated ? NextContinuationToken : undefined
    if (token !== undefined) seen.add(token)
  } while (token !== undefined)
}
