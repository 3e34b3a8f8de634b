import { applyMetadataOperations, type FlushedRunMetadata } from '@trigger.dev/core/v3'
import type { Run } from './run.ts'

/**
 * Applies what a run says of itself, of its parent and of its root; without a parent, all of it is said of itself.
 * The real server takes about a second over the parent's and the root's part; here it is done at once.
 */
export function changeMetadata(run: Run, { metadata, operations = [], parentOperations = [], rootOperations = [] }: FlushedRunMetadata): void {
  if (metadata) run.metadata = metadata
  apply(run, operations)
  apply(run.parent ?? run, parentOperations)
  apply(run.root ?? run, rootOperations)
}

function apply(run: Run, operations: NonNullable<FlushedRunMetadata['operations']>): void {
  if (operations.length === 0) return
  run.metadata = applyMetadataOperations(run.metadata, operations).newMetadata
  run.updatedAt = new Date()
}
