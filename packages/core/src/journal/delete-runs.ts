import { randomUUID } from 'node:crypto'
import { readdir, rename, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { TerminalError, TracksError } from '@track-orchestrator/registry'
import { headFile } from './run-head.ts'
import type { JournaledCalls, JournaledRun } from './journaled-run.ts'
import { refuseAll } from './list-runs.ts'
import { ifAbsent } from './read-records.ts'
import { lockRun } from './run-lock.ts'

/** What deleting needs of a journal. */
interface Reading {
  readonly folderOf: (runId: string) => string
  readonly readCalls: (runId: string) => Promise<JournaledCalls>
  readonly list: (filter: { readonly tenantId: string }) => Promise<JournaledRun[]>
}

/** What is done while runs are locked, before anything of them is deleted. What it throws leaves them as they are. */
export interface DeletionOptions {
  readonly first?: (runs: readonly JournaledRun[]) => Promise<unknown>
}

interface Deletions {
  readonly remove: (runId: string, options?: DeletionOptions) => Promise<void>
  readonly deleteTenant: (tenantId: string, options?: DeletionOptions) => Promise<string[]>
}

const deletedPrefix = '.deleted-'

/** Deletes runs below `runs`. */
export function deletionsIn(runs: string, { folderOf, readCalls, list }: Reading): Deletions {
  /** Under another name first: a reader sees the run whole or not at all, and a crash in between leaves no half of it in the list. The lock goes with it. */
  const removeLocked = async (runId: string): Promise<void> => {
    const aside = join(runs, `${deletedPrefix}${randomUUID()}`)
    await rename(folderOf(runId), aside)
    await rm(aside, { recursive: true, force: true })
  }

  /** Removes what deletions left that were killed in the midst. */
  const sweep = async (): Promise<void> => {
    const names = await readdir(runs).catch(ifAbsent<string[]>(runs, []))
    for (const name of names) if (name.startsWith(deletedPrefix)) await rm(join(runs, name), { recursive: true, force: true })
  }

  const removeOne: Deletions['remove'] = async (runId, { first } = {}) => {
    await readCalls(runId) // deletes only what is a run
    const { release } = await lockRun(folderOf(runId))
    try {
      await first?.([await headFile(folderOf(runId), () => readCalls(runId))])
      await removeLocked(runId)
    } catch (error) {
      await release().catch(() => undefined) // may be gone with the folder; the error tells more
      throw error
    }
  }

  const eachOf = async (tenantId: string, runIds: readonly string[]): Promise<string[]> => {
    const deleted: string[] = []
    const left: string[] = []
    for (const runId of runIds) {
      try {
        await removeOne(runId)
        deleted.push(runId)
      } catch (error) {
        if (!isLocked(error)) throw error
        left.push(runId)
      }
    }
    if (left.length > 0) throw new TerminalError(`${deleted.length} runs of ${tenantId} are deleted; ${left.join(', ')} are being written. End them, and delete again.`, { code: 'journal/locked' })
    return deleted
  }

  /** All or none: nothing is deleted where one of them is being written. */
  const allOf = async (tenantId: string, found: readonly JournaledRun[], first: NonNullable<DeletionOptions['first']>): Promise<string[]> => {
    const releases = new Map<string, () => Promise<void>>()
    const held: string[] = []
    try {
      for (const { runId } of found) {
        try {
          releases.set(runId, (await lockRun(folderOf(runId))).release)
        } catch (error) {
          if (!isLocked(error)) throw error
          held.push(runId)
        }
      }
      if (held.length > 0) throw new TerminalError(`Nothing of ${tenantId} is deleted: ${held.join(', ')} ${held.length === 1 ? 'is' : 'are'} being written. End them, and delete again.`, { code: 'journal/locked' })
      await first(found)
      for (const { runId } of found) {
        await removeLocked(runId)
        releases.delete(runId)
      }
      return found.map(({ runId }) => runId)
    } finally {
      for (const release of releases.values()) await release().catch(() => undefined)
    }
  }

  const remove: Deletions['remove'] = async (runId, options) => {
    await sweep()
    await removeOne(runId, options)
  }

  const deleteTenant: Deletions['deleteTenant'] = async (tenantId, { first } = {}) => {
    refuseAll('deleteTenant', { tenantId })
    await sweep()
    const found = await list({ tenantId })
    return first ? allOf(tenantId, found, first) : eachOf(tenantId, found.map(({ runId }) => runId))
  }

  return { remove, deleteTenant }
}

const isLocked = (error: unknown) => TracksError.is(error) && error.code === 'journal/locked'
