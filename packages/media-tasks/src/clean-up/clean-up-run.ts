import { randomUUID } from 'node:crypto'
import { writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { TerminalError } from '@track-orchestrator/registry'
import { checkStorageKey, payloadsPrefix, runPrefix } from '../storage-key.ts'
import type { Storage } from '../storage.ts'
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
  /** Runs that this one has resumed: what they left is cleaned up along with it. */
  readonly earlierRuns?: readonly string[] | undefined
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
 * Only files below the run's own folder are ever touched, and what an engine has put there for it (`payloads/<run>/`); and only when
 * the run has succeeded: a failed one may be resumed from them. A run that was cleaned up can no longer be resumed. Safe to call
 * again. What the storage cannot do, it throws.
 */
export async function cleanUpRun(storage: Storage, run: EndedRun, options: CleanUpOptions): Promise<string[]> {
  const { cleanup, delayMs = dayMs, keep, temporaryFolder = tmpdir(), signal } = options
  const prefixes = [...(run.earlierRuns ?? []), run.runId].flatMap((runId) => [runPrefix({ ...run, runId }), payloadsPrefix(runId)])
  if (!(delayMs >= 0)) throw new TerminalError('cleanUpRun: delayMs must be 0 or more')
  if (cleanup === 'none' || run.status !== 'succeeded') return []
  const isNamed = keyNames([run.output, keep])
  const all: string[] = []
  for (const prefix of prefixes) {
    const keys: string[] = []
    for await (const { key } of storage.list(prefix, { signal })) if (!isNamed(key)) keys.push(key)
    if (keys.length === 0) continue
    if (cleanup === 'delayed') await note(storage, { prefix, keys }, Date.now() + delayMs, temporaryFolder, signal)
    else for (const key of keys) await storage.delete(key, { signal })
    all.push(...keys)
  }
  return all
}

function note(storage: Storage, due: DueCleanUp, at: number, temporaryFolder: string, signal: AbortSignal | undefined): Promise<void> {
  return inNoteFile(temporaryFolder, async (path) => {
    await writeFile(path, JSON.stringify(due))
    // Their order is that of their times: 13 digits do until the year 2286.
    const key = checkStorageKey([duesPrefix, `${String(Math.ceil(at)).padStart(13, '0')}-${randomUUID()}.json`])
    await storage.put(key, path, { contentType: 'application/json', signal })
  })
}
