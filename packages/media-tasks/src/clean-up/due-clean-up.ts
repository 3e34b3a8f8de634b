import { readFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { TracksError } from '@track-orchestrator/registry'
import { checkOptions, number, signal as anySignal, text, type RulesOf } from '@track-orchestrator/registry/options'
import { isStorageKey } from '../storage-key.ts'
import type { Storage } from '../storage.ts'
import { deleteAll, tellOfOddKeys } from './delete-all.ts'
import { inNoteFile } from './note-file.ts'

/** Where notes of what is to be deleted later lie. */
export const duesPrefix = 'cleanups'

/** What is to be deleted: files of one run. */
export interface DueCleanUp {
  /** The run's folder, or that of its payloads. */
  readonly prefix: string
  readonly keys: readonly string[]
}

export interface CleanUpDueOptions {
  /** Milliseconds since 1970 (UTC). Default: now. */
  readonly now?: number | undefined
  /** Default: the system's folder for temporary files. */
  readonly temporaryFolder?: string | undefined
  readonly signal?: AbortSignal | undefined
}

/**
 * Deletes what `cleanUpRun` noted with `delayed` and is due by now, and gives the keys. Nobody calls it by itself: call it on a schedule,
 * or when a worker starts. Several may do so at once; one that fails half-way is gone on with by the next.
 * Throws `DefinitionError` for malformed options.
 */
export async function cleanUpDue(storage: Storage, options: CleanUpDueOptions = {}): Promise<string[]> {
  const { now = Date.now(), temporaryFolder = tmpdir(), signal } = checkOptions('cleanUpDue', options, rules)
  const deleted: string[] = []
  const notes: { key: string; url: string }[] = []
  for await (const { key, url } of storage.list(`${duesPrefix}/`, { signal })) {
    const at = Number(/^cleanups\/(\d{13})-[^/]+\.json$/.exec(key)?.[1])
    if (at <= now) notes.push({ key, url })
  }
  for (const { key, url } of notes) {
    const due = await readNote(storage, url, temporaryFolder, signal)
    const odd: string[] = []
    const keys: string[] = []
    if (due) {
      const noted = new Set(due.keys)
      for await (const { key: file } of storage.list(due.prefix, { signal })) if (noted.has(file)) (isStorageKey(file) ? keys : odd).push(file)
    }
    await deleteAll(storage, keys, signal)
    for (const file of keys) deleted.push(file)
    tellOfOddKeys(odd)
    if (odd.length === 0) await storage.delete(key, { signal }) // else the note stays, for a person
  }
  return deleted
}

const rules: RulesOf<CleanUpDueOptions> = { now: number({ from: 0, to: 1e16 }), temporaryFolder: text(), signal: anySignal }

/** Nothing where another was quicker, or where it is no note of ours. */
async function readNote(storage: Storage, url: string, temporaryFolder: string, signal: AbortSignal | undefined): Promise<DueCleanUp | undefined> {
  try {
    return await inNoteFile(temporaryFolder, async (path) => {
      await storage.fetchToFile(url, path, { signal })
      return parseNote(await readFile(path, 'utf8'))
    })
  } catch (error) {
    if (TracksError.is(error) && error.code === 'media/not_found') return undefined
    throw error
  }
}

/** What stands in a storage may have been written by others: a note that names more than files of one run is none of ours. */
function parseNote(json: string): DueCleanUp | undefined {
  try {
    const { prefix, keys } = JSON.parse(json) as Partial<DueCleanUp>
    if (typeof prefix !== 'string' || !/^(?:tenants\/[^/]+\/projects\/[^/]+\/runs|payloads)\/[^/]+\/$/.test(prefix) || !Array.isArray(keys)) return undefined
    return keys.every((key) => typeof key === 'string' && key.startsWith(prefix)) ? { prefix, keys } : undefined
  } catch {
    return undefined
  }
}
