import { randomUUID } from 'node:crypto'
import { writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { anything, checkOptions, number, oneOf, required, signal, text, type RulesOf } from '@track-orchestrator/registry/options'
import { checkStorageKey, isStorageKey, runPrefix } from '../storage-key.ts'
import type { Storage } from '../storage.ts'
import { deleteAll, tellOfOddKeys } from './delete-all.ts'
import { duesPrefix, type DueCleanUp } from './due-clean-up.ts'
import { keyNames } from './named-keys.ts'
import { inNoteFile } from './note-file.ts'

/** What becomes of a run's intermediate files once it has succeeded: deleted at once, deleted later, or kept. */
export type CleanUp = 'immediate' | 'delayed' | 'none'

/** A run that has ended: what `settleTrack` and `settleOrchestrator` give, and whose it was. */
export interface EndedRun {
  readonly tenantId: string
  readonly projectId: string
  readonly runId: string
  readonly status: 'succeeded' | 'failed' | 'cancelled'
  /** What the run came to. Files that it names, anywhere in it, are kept. */
  readonly output?: unknown
}

export interface CleanUpOptions {
  readonly cleanup: CleanUp
  /** With `delayed`: for how long the files stay. Default 86,400,000 ms, a day. */
  readonly delayMs?: number | undefined
  /** More values whose files are kept: the output of a step, a list of URLs. */
  readonly keep?: unknown
  /** Default: the system's folder for temporary files. */
  readonly temporaryFolder?: string | undefined
  readonly signal?: AbortSignal | undefined
}

const dayMs = 86_400_000

/**
 * Deletes the files that a run has put into the storage, but for those that its output names; or, with `delayed`, notes in the
 * storage which ones, for `cleanUpDue` to delete when it is time. Gives their keys.
 *
 * Only files below the run's own folder are ever touched, and only when the run has succeeded: a failed one may be resumed from
 * them. A run that was cleaned up can no longer be resumed with another input. Safe to call again. What the storage cannot do, it throws
 * when the rest is done. A key that no storage gives, which somebody else put there, is left, and told by `process.emitWarning`.
 * Throws `DefinitionError` before anything is deleted where `output` or `keep` holds what cannot be read.
 */
export async function cleanUpRun(storage: Storage, run: EndedRun, options: CleanUpOptions): Promise<string[]> {
  const { cleanup, delayMs = dayMs, keep, temporaryFolder = tmpdir(), signal: stop } = checkOptions('cleanUpRun', options, rules)
  const prefix = runPrefix(run)
  if (cleanup === 'none' || run.status !== 'succeeded') return []
  const isNamed = keyNames([run.output, keep], prefix)
  const keys: string[] = []
  const odd: string[] = []
  for await (const { key } of storage.list(prefix, { signal: stop })) if (!isNamed(key)) (isStorageKey(key) ? keys : odd).push(key)
  tellOfOddKeys(odd)
  if (keys.length === 0) return keys
  if (cleanup === 'delayed') await note(storage, { prefix, keys }, Date.now() + delayMs, temporaryFolder, stop)
  else await deleteAll(storage, keys, stop)
  return keys
}

const rules: RulesOf<CleanUpOptions> = {
  cleanup: required(oneOf('immediate', 'delayed', 'none')),
  delayMs: number({ from: 0, to: 1e12 }),
  keep: anything,
  temporaryFolder: text(),
  signal,
}

function note(storage: Storage, due: DueCleanUp, at: number, temporaryFolder: string, stop: AbortSignal | undefined): Promise<void> {
  return inNoteFile(temporaryFolder, async (path) => {
    await writeFile(path, JSON.stringify(due))
    // Their order is that of their times: 13 digits do until the year 2286.
    const key = checkStorageKey([duesPrefix, `${String(Math.ceil(at)).padStart(13, '0')}-${randomUUID()}.json`])
    await storage.put(key, path, { contentType: 'application/json', signal: stop })
  })
}
