import type { RunCosts } from '@track-orchestrator/core'
import { metadata } from '@trigger.dev/sdk'

/** What the parts may take of the metadata, which has room for 256 KB in all: else the sums alone stand there. */
const limitBytes = 32_768

/** What a run has cost, in its metadata, for who looks at it and for `RunState.costs`. Whether there was anything to show. */
export function showCosts(costs: RunCosts | undefined): boolean {
  if (!costs) return false
  const isSmall = Buffer.byteLength(JSON.stringify(costs)) <= limitBytes
  metadata.set('costs', JSON.parse(JSON.stringify(isSmall ? costs : { ...costs, byPath: {} })))
  return true
}
