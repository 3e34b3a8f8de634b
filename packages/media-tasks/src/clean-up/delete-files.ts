import { isSafeId, TerminalError, type TracksError } from '@track-orchestrator/registry'
import { checkOptions, listOf, madeBy, signal as signalRule, text } from '@track-orchestrator/registry/options'
import { throwIfStopped } from '../ffmpeg/stop.ts'
import { isStorageKey, payloadsPrefix, runPrefix, tenantPrefix } from '../storage-key.ts'
import type { Storage } from '../storage.ts'

export interface DeleteFilesOptions {
  readonly signal?: AbortSignal | undefined
}

export interface DeleteTenantFilesOptions extends DeleteFilesOptions {
  /** Runs of the tenant beside those that have a folder in the storage: what an engine has put there for them (`payloads/<run>/`) goes, too. Default: none. */
  readonly runIds?: readonly string[] | undefined
}

type Deleting = Pick<Storage, 'list' | 'delete'>

/** Keys of which it is known at once that they are to be deleted. */
const portion = 1_000
/** Files that are deleted at once. */
const lanes = 8
/** So many that cannot be deleted are the storage's fault, not the files'. */
const mostFailures = 20

/**
 * Deletes every file of a run, results included, and what an engine has put there for it (`payloads/<run>/`); tells how many there were. Resolves once it has looked
 * and nothing is left. Whoever still refers to one of them (a fork, an outcome of an earlier run) finds it gone. Safe to call again.
 *
 * Throws `media/url_refused` for an id that could lead elsewhere, before anything is deleted; `media/files_left` for files that no task has stored; and, when the rest
 * is done, what the storage threw.
 */
export async function deleteFilesOfRun(storage: Deleting, run: { readonly tenantId: string; readonly projectId: string; readonly runId: string }, options: DeleteFilesOptions = {}): Promise<number> {
  const { signal } = checkCall('deleteFilesOfRun', storage, options)
  return deleteBelowAll(storage, [runPrefix(run), payloadsPrefix(run.runId)], signal)
}

/** The same for all files of a tenant, whichever run or project they are of: spoken clips that runs share, too. */
export async function deleteFilesOfTenant(storage: Deleting, tenantId: string, options: DeleteTenantFilesOptions = {}): Promise<number> {
  const { signal, runIds = [] } = checkCall('deleteFilesOfTenant', storage, options)
  const prefix = tenantPrefix(tenantId)
  const payloads = new Set(runIds.map(payloadsPrefix))
  // Their ids go with their folders, and so they go first.
  for await (const { key } of storage.list(prefix, { signal })) {
    const [, runId] = /^projects\/[^/]+\/runs\/([^/!]+)\//.exec(key.slice(prefix.length)) ?? []
    if (runId !== undefined && isStorageKey(key)) payloads.add(payloadsPrefix(runId))
  }
  return deleteBelowAll(storage, [...payloads, prefix], signal)
}

/**
 * What `deleteRun`, `deleteTenant` and `tracks delete` are given, so that files go with their runs: `keepers: { files: createFileKeeper(storage) }`. A run whose id no
 * storage takes (`a..b`) has no files.
 */
export function createFileKeeper(storage: Deleting): FileKeeper {
  checkCall('createFileKeeper', storage, {})
  return {
    deleteRun: async (run, { signal } = {}) => ({ files: isSafeId(run.runId) ? await deleteFilesOfRun(storage, run, { signal }) : 0 }),
    deleteTenant: async (tenantId, { runIds, signal } = {}) => ({ files: await deleteFilesOfTenant(storage, tenantId, { runIds: runIds?.filter(isSafeId), signal }) }),
  }
}

/** The files of runs in a storage, to be deleted with them. */
export interface FileKeeper {
  deleteRun(run: { readonly tenantId: string; readonly projectId: string; readonly runId: string }, options?: DeleteFilesOptions): Promise<{ readonly files: number }>
  deleteTenant(tenantId: string, options?: DeleteTenantFilesOptions): Promise<{ readonly files: number }>
}

function checkCall(owner: string, storage: Deleting, options: DeleteTenantFilesOptions): DeleteTenantFilesOptions {
  madeBy('createFileStorage({ root })', 'list', 'delete').check(storage, `${owner}: storage`)
  return checkOptions<DeleteTenantFilesOptions>(owner, options, { signal: signalRule, runIds: listOf(text()) })
}

/** Where one fails, the others are done first. */
async function deleteBelowAll(storage: Deleting, prefixes: readonly string[], signal: AbortSignal | undefined): Promise<number> {
  let first: { readonly error: unknown } | undefined
  let count = 0
  for (const prefix of prefixes) {
    try {
      count += await deleteBelow(storage, prefix, signal)
    } catch (error) {
      throwIfStopped(signal)
      first ??= { error }
    }
  }
  if (first) throw first.error
  return count
}

/** Portion by portion, from the beginning each time, until nothing is found but what cannot be deleted. */
async function deleteBelow(storage: Deleting, prefix: string, signal: AbortSignal | undefined): Promise<number> {
  const odd = new Set<string>()
  const failed = new Set<string>()
  let first: { readonly error: unknown } | undefined
  let last = new Set<string>()
  let count = 0
  const isEnough = () => failed.size >= mostFailures
  for (;;) {
    const keys: string[] = []
    for await (const { key } of storage.list(prefix, { signal })) {
      if (!key.startsWith(prefix)) throw new TerminalError(`The storage names ${JSON.stringify(key.slice(0, 200))} where it was asked for what lies below ${prefix}: nothing more is deleted.`, { code: 'media/files_left' })
      if (!isStorageKey(key)) odd.add(key)
      else if (last.has(key)) failed.add(key)
      else if (!failed.has(key)) keys.push(key)
      if (keys.length === portion || isEnough()) break
    }
    if (isEnough() || keys.length === 0) break
    last = new Set()
    await inTurns(keys, async (key) => {
      throwIfStopped(signal)
      try {
        await storage.delete(key, { signal })
        last.add(key)
        count++
      } catch (error) {
        throwIfStopped(signal)
        first ??= { error }
        failed.add(key)
      }
    }, isEnough)
  }
  if (first) throw first.error
  if (failed.size > 0) throw leftBehind(prefix, [...failed], 'though the storage was asked to delete them')
  if (odd.size > 0) throw leftBehind(prefix, [...odd], 'since no task has stored them')
  return count
}

/** So many at once. Ends early where that is said; all that was begun has ended then. */
async function inTurns(keys: readonly string[], work: (key: string) => Promise<void>, isEnough: () => boolean): Promise<void> {
  const waiting = [...keys].toReversed()
  const lane = async () => {
    for (let key = waiting.pop(); key !== undefined && !isEnough(); key = waiting.pop()) await work(key)
  }
  const ended = await Promise.allSettled(Array.from({ length: lanes }, lane))
  for (const end of ended) if (end.status === 'rejected') throw end.reason
}

function leftBehind(prefix: string, keys: readonly string[], why: string): TracksError {
  const named = keys.slice(0, 5).map((key) => JSON.stringify(key.slice(0, 200)))
  return new TerminalError(`${keys.length} files below ${prefix} are left, ${why}: ${named.join(', ')}${keys.length > 5 ? ', …' : ''}. Remove them by hand, and delete again.`, { code: 'media/files_left' })
}
