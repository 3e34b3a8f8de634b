import { randomUUID } from 'node:crypto'
import { readFile, rename, rm, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { ErrorJson } from '@track-orchestrator/registry'
import { totalPaid } from './paid-costs.ts'
import type { ForkOf } from '../run/plan-fork.ts'
import type { JournaledCalls, JournaledRun } from './journaled-run.ts'
import { headOfRecord, type JournalRecord, type RecordHead } from './record.ts'

/** What a list says of a run, out of its first record and those of `run.ended`, `run.resumed` and `cost.paid`; others may be left out. */
export const headOf = (runId: string, first: JournalRecord, records: readonly JournalRecord[]): JournaledRun => headOfHeads(runId, first, records.map(headOfRecord))

/** The same, out of the heads of records. */
export function headOfHeads(runId: string, first: JournalRecord, records: readonly RecordHead[]): JournaledRun {
  const { tenantId, projectId } = (first['payload'] ?? {}) as { tenantId: string; projectId: string }
  const last = records.findLast(({ type }) => type === 'run.ended' || type === 'run.resumed')
  const ended = last?.type === 'run.ended' ? last.whole() : undefined
  const fork = first['fork'] as ForkOf | undefined
  const costs = totalPaid(records)
  const facts = { runId, kind: first['kind'] as JournaledRun['kind'], name: first['name'] as string, tenantId, projectId, startedAt: first.at, ...(fork && { forkOf: fork.runId }), ...(costs && { costs }) }
  if (!ended) return { ...facts, status: 'open' }
  return { ...facts, status: ended['status'] as JournaledRun['status'], endedAt: ended.at, ...(ended['error'] !== undefined && { error: ended['error'] as ErrorJson }) }
}

/** The head of an ended run is kept in a small file, so that a list does not read every journal. It is made anew from the journal where it is missing, and never trusted over it while the run is open. */
export async function headFile(runFolder: string, read: () => Promise<JournaledCalls>): Promise<JournaledRun> {
  const path = join(runFolder, 'run.json')
  const found = await readFile(path, 'utf8').then((json) => JSON.parse(json) as JournaledRun & { bytes: number }, () => undefined)
  const { size } = await stat(join(runFolder, 'journal.jsonl'))
  if (found?.bytes === size) {
    const { bytes: _bytes, ...head } = found
    return head
  }
  const { payload: _payload, heads: _heads, fork: _fork, ...head } = await read()
  if (head.status !== 'open') {
    const made = `${path}.${randomUUID()}`
    // It only saves time: who may not write here reads the journal each time.
    await writeFile(made, JSON.stringify({ ...head, bytes: size }), { mode: 0o600 }).then(() => rename(made, path)).catch(() => rm(made, { force: true }).catch(() => undefined))
  }
  return head
}

/** Of so many runs heads are remembered: some 15 MB. */
const mostRemembered = 20_000

/** Heads of ended runs that a process has read: while nothing is written to a journal, which its file's facts tell, they are not read again. */
export class RememberedHeads {
  readonly #known = new Map<string, { readonly written: string; readonly json: string }>()

  /** The head of the run in that folder, from memory where it can be. */
  async of(runFolder: string, read: () => Promise<JournaledCalls>): Promise<JournaledRun> {
    const written = await stat(join(runFolder, 'journal.jsonl')).then(({ ino, size, mtimeMs, ctimeMs }) => `${ino} ${size} ${mtimeMs} ${ctimeMs}`, () => undefined)
    const known = this.#known.get(runFolder)
    if (known && known.written === written) return JSON.parse(known.json) as JournaledRun
    const head = await headFile(runFolder, read)
    if (written !== undefined && head.status !== 'open' && (known || this.#known.size < mostRemembered)) this.#known.set(runFolder, { written, json: JSON.stringify(head) })
    return head
  }

  /** Forgets all but those in these folders: the others are gone. */
  keep(runFolders: readonly string[]): void {
    if (this.#known.size <= runFolders.length) return
    const there = new Set(runFolders)
    for (const folder of this.#known.keys()) if (!there.has(folder)) this.#known.delete(folder)
  }
}
