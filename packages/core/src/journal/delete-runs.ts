import { randomUUID } from 'node:crypto'
import { rename, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { TerminalError, TracksError } from '@track-orchestrator/registry'
import type { JournaledRun } from './journaled-run.ts'
import { refuseAll } from './list-runs.ts'
import { lockRun } from './run-lock.ts'

/** What deleting needs of a journal. */
interface Reading {
  readonly folderOf: (runId: string) => string
  readonly readCalls: (runId: string) => Promise<unknown>
  readonly list: (filter: { readonly tenantId: string }) => Promise<JournaledRun[]>
}

/** Deletes runs below `runs`. */
export function deletionsIn(runs: string, { folderOf, readCalls, list }: Reading): { readonly remove: (runId: string) => Promise<void>; readonly deleteTenant: (tenantId: string) => Promise<string[]> } {
  const remove = async (runId: string): Promise<void> => {
    await readCalls(runId) // deletes only what is a run
    const release = await lockRun(folderOf(runId))
    try {
      // Under another name first: a reader sees the run whole or not at all, and a crash in between leaves no half of it in the list.
      const aside = join(runs, `.deleted-${randomUUID()}`)
      await rename(folderOf(runId), aside)
      await rm(aside, { recursive: true, force: true }) // and with it the lock
    } catch (error) {
      await release()
      throw error
    }
  }

  const deleteTenant = async (tenantId: string): Promise<string[]> => {
    refuseAll('deleteTenant', { tenantId })
    const deleted: string[] = []
    const left: string[] = []
    for (const { runId } of await list({ tenantId })) {
      try {
        await remove(runId)
        deleted.push(runId)
      } catch (error) {
        if (!TracksError.is(error) || error.code !== 'journal/locked') throw error
        left.push(runId)
      }
    }
    if (left.length > 0) throw new TerminalError(`${deleted.length} runs of ${tenantId} are deleted; ${left.join(', ')} are being written. End them, and delete again.`, { code: 'journal/locked' })
    return deleted
  }

  return { remove, deleteTenant }
}
