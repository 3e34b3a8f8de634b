import { applyMetadataOperations, type FlushedRunMetadata } from '@trigger.dev/core/v3'
import { RequestError } from './request-error.ts'
import type { Run } from './run.ts'

/** How many bytes of JSON a run's metadata may have. The cloud's limit, and the default of a server of one's own. */
const metadataLimitBytes = 256 * 1024

/** The metadata, if it is no larger than a run's may be. */
export function checkMetadata(metadata: Record<string, unknown>): Record<string, unknown> {
  if (Buffer.byteLength(JSON.stringify(metadata)) > metadataLimitBytes) throw new RequestError(`Metadata exceeds maximum size of ${metadataLimitBytes} bytes`, 413)
  return metadata
}

/**
 * Applies what a run says of itself, of its parent and of its root; without a parent, all of it is said of itself.
 * The real server takes about a second over the parent's and the root's part; here it is done at once.
 */
export function changeMetadata(run: Run, { metadata, operations = [], parentOperations = [], rootOperations = [] }: FlushedRunMetadata): void {
  if (metadata) run.metadata = checkMetadata(metadata)
  apply(run, operations)
  apply(run.parent ?? run, parentOperations)
  apply(run.root ?? run, rootOperations)
}

function apply(run: Run, operations: NonNullable<FlushedRunMetadata['operations']>): void {
  if (operations.length === 0) return
  run.metadata = checkMetadata(applyMetadataOperations(run.metadata, operations).newMetadata)
  run.updatedAt = new Date()
}
