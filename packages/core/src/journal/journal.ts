import { mkdir, readdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises'
import { randomUUID } from 'node:crypto'
import { join, resolve } from 'node:path'
import { TerminalError, TracksError, type ErrorJson } from '@track-orchestrator/registry'
import { checkOptions, required, text } from '@track-orchestrator/registry/options'
import { RecordAppender } from './append-records.ts'
import { Blobs } from './blobs.ts'
import { readRecords } from './read-records.ts'
import type { JournalRecord } from './record.ts'
import { lockRun } from './run-lock.ts'
import { RunJournal, type Stored } from './run-journal.ts'

export interface JournalOptions {
  /** Made where there is none, for its owner only (0700). It holds inputs and outputs of steps in full: that is what resuming needs. */
  readonly folder: string
}

/** What was asked for when the run began. */
export interface JournaledRun {
  readonly runId: string
  readonly kind: 'track' | 'orchestrator' | 'task'
  readonly name: string
  readonly tenantId: string
  readonly projectId: string
  /** Milliseconds since 1970 (UTC). */
  readonly startedAt: number
  /** `open`: it runs, or its process ended before it did. */
  readonly status: 'open' | 'succeeded' | 'failed' | 'cancelled'
  readonly endedAt?: number
  readonly error?: ErrorJson
}

/** What a journal keeps of one run. */
export interface JournaledRunDetails extends JournaledRun {
  readonly payload: unknown
  readonly records: readonly JournalRecord[]
}

/**
 * Runs on disk: a folder a run below `runs/`, with an append-only `journal.jsonl` that a person can read and search. Given to
 * `createRunner`, it makes runs outlive their process.
 */
export interface Journal {
  /** All runs, the latest first. Damaged ones are left out of the list, and told by `read`. */
  list(filter?: { readonly status?: JournaledRun['status']; readonly tenantId?: string; readonly name?: string }): Promise<JournaledRun[]>
  /** Reads a run without locking it. Throws `journal/unknown_run` and `journal/damaged`. */
  read(runId: string): Promise<JournaledRunDetails>
  /** Deletes a run with everything of it. Throws `journal/locked` while a process writes it. */
  delete(runId: string): Promise<void>
  /** Deletes every run of a tenant, and returns their ids. Runs that are being written are left, and named in the `journal/locked` that is thrown at the end. */
  deleteTenant(tenantId: string): Promise<string[]>
  /** For runners: begins a run. Throws `journal/run_exists`, and what `reopen` throws. */
  begin(run: Pick<JournaledRun, 'runId' | 'kind' | 'name'> & { readonly payload: unknown }): Promise<RunJournal>
  /** For runners: goes on with a run. Throws `journal/unknown_run`, `journal/locked`, `journal/damaged` and `journal/write_failed`. */
  reopen(runId: string): Promise<RunJournal>
  /** For runners: what a run that has succeeded came to. */
  outputOf(run: JournaledRunDetails): Promise<unknown>
}

const format = 1
const safeRunId = /^[A-Za-z\d_][\w.-]{0,127}$/

/** A journal in a folder. Throws `DefinitionError` for a folder that is no text; touches nothing before the first run. */
export function createJournal(options: JournalOptions): Journal {
  const { folder } = checkOptions('createJournal', options, { folder: required(text()) })
  const runs = join(resolve(folder), 'runs')
  const folderOf = (runId: string): string => {
    if (!safeRunId.test(runId)) throw new TerminalError(`A run's id names its folder: 1-128 letters, digits and _ . - (got ${JSON.stringify(runId.slice(0, 60))}).`, { code: 'journal/unknown_run' })
    return join(runs, runId)
  }
  const journalOf = (runId: string) => join(folderOf(runId), 'journal.jsonl')
  const blobsOf = (runId: string) => new Blobs(join(folderOf(runId), 'blobs'))

  const recordsOf = async (runId: string) => {
    const path = journalOf(runId)
    const bytes = await readFile(path).catch((error: NodeJS.ErrnoException) => {
      if (error.code === 'ENOENT') return new Uint8Array()
      throw error
    })
    return readRecords(bytes, path)
  }

  const read = async (runId: string): Promise<JournaledRunDetails> => {
    const { records } = await recordsOf(runId)
    const [first] = records
    if (first?.type !== 'run.opened') throw new TerminalError(`There is no run ${runId} in ${runs}.`, { code: 'journal/unknown_run' })
    if (first['format'] !== format) throw new TerminalError(`The journal of ${runId} has format ${String(first['format'])}: it was written by another version, which can read it.`, { code: 'journal/unknown_format' })
    return { ...headOf(runId, first, records), payload: first['payload'], records }
  }

  /** `firstRecord` is given what stands there already, and may refuse. */
  const open = async (runId: string, firstRecord: (known: boolean) => { readonly type: string }): Promise<RunJournal> => {
    await mkdir(folderOf(runId), { recursive: true, mode: 0o700 })
    const release = await lockRun(folderOf(runId))
    try {
      const { records, endBytes } = await recordsOf(runId)
      const body = firstRecord(records.length > 0)
      const appender = await RecordAppender.open(journalOf(runId), records.length, endBytes)
      appender.write(body)
      await appender.safe()
      return new RunJournal(appender, blobsOf(runId), records, release)
    } catch (error) {
      await release()
      throw error
    }
  }

  const begin: Journal['begin'] = ({ runId, kind, name, payload }) =>
    open(runId, (known) => {
      if (known) throw new TerminalError(`The journal holds a run ${runId} already: resume it, or choose another id.`, { code: 'journal/run_exists' })
      return { type: 'run.opened', format, runId, kind, name, payload }
    })

  const reopen: Journal['reopen'] = async (runId) => {
    await read(runId) // before its folder is made
    return open(runId, () => ({ type: 'run.resumed' }))
  }

  const list: Journal['list'] = async ({ status, tenantId, name } = {}) => {
    const names = await readdir(runs).catch(() => [] as string[])
    const all = await Promise.all(names.map((runId) => headFile(folderOf(runId), () => read(runId)).catch(() => undefined)))
    return all
      .filter((run) => run !== undefined)
      .filter((run) => (status === undefined || run.status === status) && (tenantId === undefined || run.tenantId === tenantId) && (name === undefined || run.name === name))
      .toSorted((a, b) => b.startedAt - a.startedAt)
  }

  const remove = async (runId: string): Promise<void> => {
    await read(runId) // deletes only what is a run
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

  const deleteTenant: Journal['deleteTenant'] = async (tenantId) => {
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

  const outputOf: Journal['outputOf'] = async ({ runId, records }) => {
    const { output, blob } = (records.findLast(({ type }) => type === 'run.ended') ?? {}) as Stored<'output'>
    return blob ? JSON.parse(await blobsOf(runId).get(blob)) : output
  }

  return { list, read, delete: remove, deleteTenant, begin, reopen, outputOf }
}

function headOf(runId: string, first: JournalRecord, records: readonly JournalRecord[]): JournaledRun {
  const { tenantId, projectId } = (first['payload'] ?? {}) as { tenantId: string; projectId: string }
  const last = records.findLast(({ type }) => type === 'run.ended' || type === 'run.resumed')
  const ended = last?.type === 'run.ended' ? last : undefined
  const facts = { runId, kind: first['kind'] as JournaledRun['kind'], name: first['name'] as string, tenantId, projectId, startedAt: first.at }
  if (!ended) return { ...facts, status: 'open' }
  return { ...facts, status: ended['status'] as JournaledRun['status'], endedAt: ended.at, ...(ended['error'] !== undefined && { error: ended['error'] as ErrorJson }) }
}

/** The head of an ended run is kept in a small file, so that a list does not read every journal. It is made anew from the journal where it is missing, and never trusted over it while the run is open. */
async function headFile(runFolder: string, read: () => Promise<JournaledRunDetails>): Promise<JournaledRun> {
  const path = join(runFolder, 'run.json')
  const found = await readFile(path, 'utf8').then((json) => JSON.parse(json) as JournaledRun & { bytes: number }, () => undefined)
  const { size } = await stat(join(runFolder, 'journal.jsonl'))
  if (found?.bytes === size) {
    const { bytes: _bytes, ...head } = found
    return head
  }
  const { payload: _payload, records: _records, ...head } = await read()
  if (head.status !== 'open') {
    const made = `${path}.${randomUUID()}`
    await writeFile(made, JSON.stringify({ ...head, bytes: size }), { mode: 0o600 })
    await rename(made, path)
  }
  return head
}
