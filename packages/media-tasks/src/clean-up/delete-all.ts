import { throwIfStopped } from '../ffmpeg/stop.ts'
import type { Storage } from '../storage.ts'

/** So many in a row are the storage's fault, not the files'. */
const mostFailures = 3

/** Deletes each. One that cannot be deleted keeps no other from it; what failed first is thrown in the end. */
export async function deleteAll(storage: Pick<Storage, 'delete'>, keys: readonly string[], signal: AbortSignal | undefined): Promise<void> {
  let first: { readonly error: unknown } | undefined
  let inARow = 0
  for (const key of keys) {
    throwIfStopped(signal)
    try {
      await storage.delete(key, { signal })
      inARow = 0
    } catch (error) {
      first ??= { error }
      if (++inARow === mostFailures) break
    }
  }
  throwIfStopped(signal)
  if (first) throw first.error
}

/** Keys that no storage gives were put there by somebody else: they are left. */
export function tellOfOddKeys(keys: readonly string[]): void {
  if (keys.length === 0) return
  const named = keys.slice(0, 5).map((key) => JSON.stringify(key.slice(0, 200)))
  process.emitWarning(`Clean-up leaves ${keys.length} files that no task has stored: ${named.join(', ')}${keys.length > 5 ? ', …' : ''}`, 'CleanUpWarning')
}
