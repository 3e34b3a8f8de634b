import { randomUUID } from 'node:crypto'
import { readdir, rename, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { TerminalError, TracksError } from '@track-orchestrator/registry'
import { headFile } from './run-head.ts'
import type { JournaledCalls, JournaledRun } from './journaled-run.ts'
import { damagedRun, type DamagedRun } from './damaged-run.ts'
import { refuseAll, type ListOptions } from './list-runs.ts'
import { ifAbsent } from './read-records.ts'
import { lockRun } from './run-lock.ts'

/** What deleting needs of a journal. */
interface Reading {
  readonly folderOf: (runId: string) => string
  readonly readCalls: (runId: string) => Promise<JournaledCalls>
  readonly list: (filter: { readonly tenantId: string }, options: ListOptions) => Promise<JournaledRun[]>
}

/** A run that is deleted. Empty is what a damaged journal does not tell. */
export interface DeletedRun {
  readonly runId: string
  readonly tenantId?: string | undefined
  readonly projectId?: string | undefined
}

/** What is done while runs are locked, before anything of them is deleted. What it throws leaves them as they are. */
export interface DeletionOptions {
  readonly first?: (runs: readonly DeletedRun[]) => Promise<unknown>
  /** Of a tenant: told of the runs that may be the tenant's and are left, since their journals are damaged and do not tell whose they are. Without it, that is thrown at the end. */
  readonly onUnread?: (runs: readonly DamagedRun[]) => void
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

  const runOf = (runId: string): Promise<DeletedRun> => headFile(folderOf(runId), () => readCalls(runId)).catch(async (error: unknown) => {
    await readCalls(runId).catch((refused: unknown) => (error = refused)) // says it better
    const damaged = await damagedRun(folderOf(runId), runId, error)
    if (!damaged) throw error
    return damaged
  })

  const removeOne: Deletions['remove'] = async (runId, { first } = {}) => {
    await runOf(runId) // deletes only what is a run
    const { release } = await lockRun(folderOf(runId)).catch(notDeleted(runId))
    try {
      await first?.([await runOf(runId)])
      await removeLocked(runId)
    } catch (error) {
      await release().catch(() => undefined) // may be gone with the folder; the error tells more
      notDeleted(runId)(error)
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
  const allOf = async (tenantId: string, found: readonly DeletedRun[], first: NonNullable<DeletionOptions['first']>): Promise<string[]> => {
    const releases = new Map<string, () => Promise<void>>()
    const held: string[] = []
    try {
      for (const { runId } of found) {
        try {
          releases.set(runId, (await lockRun(folderOf(runId)).catch(notDeleted(runId))).release)
        } catch (error) {
          if (!isLocked(error)) throw error
          held.push(runId)
        }
      }
      if (held.length > 0) throw new TerminalError(`Nothing of ${tenantId} is deleted: ${held.join(', ')} ${held.length === 1 ? 'is' : 'are'} being written. End them, and delete again.`, { code: 'journal/locked' })
      await first(found)
      for (const { runId } of found) {
        await removeLocked(runId).catch(notDeleted(runId))
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

  const deleteTenant: Deletions['deleteTenant'] = async (tenantId, { first, onUnread = refuseUnread(tenantId) } = {}) => {
    refuseAll('deleteTenant', { tenantId })
    await sweep()
    const damaged: DamagedRun[] = []
    const whole = await list({ tenantId }, { onDamaged: (run) => damaged.push(run) })
    const found = [...whole, ...damaged.filter((run) => run.tenantId !== undefined)]
    const deleted = first ? await allOf(tenantId, found, first) : await eachOf(tenantId, found.map(({ runId }) => runId))
    const unread = damaged.filter((run) => run.tenantId === undefined)
    if (unread.length > 0) onUnread(unread)
    return deleted
  }

  return { remove, deleteTenant }
}

/** What the system refuses is said of the run. */
const notDeleted = (runId: string) => (error: unknown): never => {
  const { code, syscall } = error as NodeJS.ErrnoException
  if (TracksError.is(error) || syscall === undefined) throw error
  throw new TerminalError(`The run ${runId} cannot be deleted (${code}). See what its folder is, and whose.`, { code: 'journal/unreadable', cause: error })
}

const isLocked = (error: unknown) => TracksError.is(error) && error.code === 'journal/locked'

const refuseUnread = (tenantId: string) => (runs: readonly DamagedRun[]) => {
  const ids = runs.map(({ runId }) => runId).join(', ')
  throw new TerminalError(`The runs of ${tenantId} are deleted that can be told to be. ${ids}: damaged, and nothing tells whose ${runs.length === 1 ? 'it is' : 'they are'}. Restore ${runs.length === 1 ? 'its journal' : 'their journals'} from a copy and delete again, or delete ${runs.length === 1 ? 'the run' : 'each'}.`, { code: 'journal/damaged' })
}
