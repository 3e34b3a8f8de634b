import { z } from 'zod'
import { defineTask } from '../task-contract.ts'
import { mediaFacts } from './media-probe.ts'
import { commonOptions, mediaUrl, storedFile } from './stored-file.ts'

/**
 * Brings a medium into the storage, once: every step that follows works on the same bytes, whatever becomes of the source meanwhile. What it
 * holds is found out at once, and kept beside it, so that no later step looks for it again.
 */
export const mediaImport = defineTask({
  name: 'media_import',
  description: 'Brings a medium into the storage, and finds out what it holds.',
  input: z.object({ url: mediaUrl, ...commonOptions }),
  output: z.object({
    /** The copy in the storage. */
    url: mediaUrl,
    /** Where it came from. */
    sourceUrl: z.string(),
    files: z.array(storedFile),
    sizeBytes: z.int().min(0),
    /** SHA-256 of the content, in hex. */
    sha256: z.string().regex(/^[\da-f]{64}$/, 'expected 64 hex digits'),
    facts: mediaFacts,
  }),
  timeoutMs: 3_600_000,
  expectedCost: 'none',
})
