import { readFile, stat } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { addCosts, TerminalError, TracksError, type Costs } from '@track-orchestrator/registry'
import { makeFolder } from '@track-orchestrator/registry/folders'
import { aFunction, checkOptions, required, text } from '@track-orchestrator/registry/options'
import { RecordAppender, writeFailed } from './append-records.ts'
import { Blobs, type BlobReference } from './blobs.ts'
import { ifAbsent, readBehind, readHeads, readRecords, type JournalPlace } from './read-records.ts'
import { headOfRecord, pathOf, type JournalRecord, type RecordHead } from './record.ts'
import { holdersOf, lockRun } from './run-lock.ts'
import { Answers } from './answers.ts'
import { CancelWatch } from './cancel-file.ts'
import { cancellationsIn, type CancelAllOptions, type CancelledRun } from './cancel-runs.ts'
import { CallCache } from './call-cache.ts'
import type { DamagedRun } from './damaged-run.ts'
import { CallLookup, readStored, type OtherRuns } from './call-lookup.ts'
import { deletionsIn, type DeletionOptions } from './delete-runs.ts'
import { diffSteps, type StepDifference } from './diff-runs.ts'
import { stepsOf, type JournaledStep } from './journaled-steps.ts'
import { paidIn } from './paid-costs.ts'
import { questionsIn, type JournaledQuestion } from './questions.ts'
import { listingIn, type ListOptions, type RunFilter } from './list-runs.ts'
import { RecordedCalls } from './recorded-calls.ts'
import type { BegunRun, JournaledCalls, JournaledRun, JournaledRunDetails, Reopening } from './journaled-run.ts'
import { takesFromOthers, type ForkOf } from '../run/plan-fork.ts'
import type { ContentOf } from './media-content.ts'
import { RunKeys } from './run-keys.ts'
import { headOfHeads } from './run-head.ts'
import { RunJournal } from './run-journal.ts'

export interface JournalOptions {
  /** Made where there is none, for its owner only (0700). It holds inputs and outputs of steps in full: that is what resuming needs. */
  readonly folder: string
  /**
   * What lies at a URL, for contracts with `cache`: anything that is the same only where the content is (a hash, an ETag), or `undefined` where that is not known.
   * Calls whose input or output names something unknown are not cached. Files on this machine (`file:`) are known without it.
   */
  readonly contentOf?: ContentOf
}

/**
 * Runs on disk: a folder a run below `runs/`, with an append-only `journal.jsonl` that a person can read and search. Given to
 * `createRunner`, it makes runs outlive their process.
 */
export interface Journal {
  /** All runs, the latest first. Damaged ones are left out of the list, and told to `onDamaged`. Throws `journal/unreadable` where the folder is there and cannot be read. */
  list(filter?: RunFilter, options?: ListOptions): Promise<JournaledRun[]>
  /** Of the runs that a filter finds, those that did not succeed and that no process runs: what `resumeAll` of a runner goes on with. Damaged ones are left out, and told to `onDamaged`. Throws `DefinitionError` for a filter that says nothing. */
  unfinished(filter: RunFilter, options?: ListOptions): Promise<JournaledRun[]>
  /** What runs have paid in all, as handlers reported it: of a tenant, say, and of runs that began at `since` or later, in milliseconds since 1970. Of damaged runs what can still be read, and they are told to `onDamaged`. */
  costs(filter?: { readonly tenantId?: string; readonly name?: string; readonly since?: number }, options?: ListOptions): Promise<Costs>
  /** Reads a run without locking it. Throws `journal/unknown_run`, `journal/damaged` and `journal/unreadable`. */
  read(runId: string): Promise<JournaledRunDetails>
  /** What was written behind `place` (default: from the beginning), for who follows a run: nothing is read twice. Throws what `read` throws, `journal/unknown_run` also where the run was begun anew since. */
  readFrom(runId: string, place?: JournalPlace): Promise<{ readonly records: readonly JournalRecord[]; readonly place: JournalPlace }>
  /** What a record of the run holds as its input or output, be it beside the journal. Throws `journal/output_missing`. */
  valueOf(runId: string, record: JournalRecord, name: 'input' | 'output'): Promise<unknown>
  /** For runners: what `read` gives, in less time: the records are looked at, and parsed when their values are asked for. */
  readCalls(runId: string): Promise<JournaledCalls>
  /** Whether a process writes the run now, or may: one on another machine. Throws `journal/unknown_run`. */
  isRunning(runId: string): Promise<boolean>
  /** Asks the process that writes the run to cancel it, which it does within a second. Throws `journal/not_running` where none does, and what `read` throws. */
  cancel(runId: string): Promise<void>
  /** Has every run cancelled that a filter finds and a process runs, waits for their ends, and tells what became of each. One that is damaged and may be meant is asked, too; how it ended nobody can tell (`not_cancelled`). Throws `DefinitionError` for a filter that says nothing. */
  cancelAll(filter: RunFilter, options?: CancelAllOptions): Promise<CancelledRun[]>
  /** Deletes a run with everything of it in the journal. Throws `journal/locked` while a process writes it. `deleteRun` deletes it elsewhere, too. */
  delete(runId: string, options?: DeletionOptions): Promise<void>
  /**
   * Deletes every run of a tenant in the journal, and returns their ids. Runs that are being written are left, and named in the `journal/locked` that is thrown at
   * the end; with `first`, nothing is deleted then. Damaged ones that may be the tenant's are left and told, too. `deleteTenant` deletes them elsewhere, too.
   */
  deleteTenant(tenantId: string, options?: DeletionOptions): Promise<string[]>
  /** The calls of a run in the order in which they began, with what went in and came out. Throws what `read` throws. */
  steps(runId: string): Promise<JournaledStep[]>
  /** What the run waits with for an answer, or its process did. Throws what `read` throws. */
  questions(runId: string): Promise<JournaledQuestion[]>
  /** The steps that differ between two runs, in input, output, attempts or error, by JSON path. Throws what `read` throws. */
  diff(before: string, after: string): Promise<StepDifference[]>
  /** For runners: begins a run. Throws `journal/run_exists`, and what `reopen` throws. */
  begin(run: BegunRun): Promise<RunJournal>
  /** For runners: goes on with a run. Throws `journal/unknown_run`, `journal/locked`, `journal/damaged` and `journal/write_failed`. */
  reopen(runId: string, how?: Reopening): Promise<RunJournal>
  /** For runners: what finished in a run, to look calls up in. */
  lookup(run: JournaledCalls, how?: Reopening): { readonly recorded: RecordedCalls; readonly lookup: CallLookup }
  /** For runners: which run a key stands for. */
  readonly keys: RunKeys
  /** For runners: where answers to a run's questions are put. */
  answersOf(runId: string): Answers
  /** For runners: what a run that has succeeded came to. */
  outputOf(run: JournaledCalls): Promise<unknown>
}

const format = 1
const safeRunId = /^[A-Za-z\d_][\w.-]{0,127}$/

/** A journal in a folder. Throws `DefinitionError` for a folder that is no text; touches nothing before the first run. */
export function createJournal(options: JournalOptions): Journal {
  const { folder, contentOf } = checkOptions<JournalOptions>('createJournal', options, { folder: required(text()), contentOf: aFunction })
  const runs = join(resolve(folder), 'runs')
  const folderOf = (runId: string): string => {
    if (typeof runId !== 'string' || !safeRunId.test(runId)) throw new TerminalError(`A run's id names its folder: 1-128 letters, digits and _ . - (got ${typeof runId === 'string' ? JSON.stringify(runId.slice(0, 60)) : typeof runId}).`, { code: 'journal/unknown_run' })
    return join(runs, runId)
  }
  const journalOf = (runId: string) => join(folderOf(runId), 'journal.jsonl')
  const blobsOf = (runId: string) => new Blobs(join(folderOf(runId), 'blobs'))

  const answersOf = (runId: string) => new Answers(join(folderOf(runId), 'answers'))

  const others: OtherRuns = { cache: new CallCache(join(resolve(folder), 'cache'), folderOf, contentOf), blobsOf }

  const bytesOf = (runId: string): Promise<Uint8Array> =>
    readFile(journalOf(runId)).catch(ifAbsent(journalOf(runId), new Uint8Array()))
  const headsOf = async (runId: string) => readHeads(await bytesOf(runId), journalOf(runId))

  /** Where what was read ends, in bytes: who goes on with a run reads it once. */
  const ends = new WeakMap<JournaledCalls, number>()

  const detailsOf = (runId: string, first: JournalRecord | undefined, ofRun: readonly RecordHead[]) => {
    if (first?.type !== 'run.opened') throw new TerminalError(`There is no run ${runId} in ${runs}.`, { code: 'journal/unknown_run' })
    if (first['format'] !== format) throw new TerminalError(`The journal of ${runId} has format ${String(first['format'])}: it was written by another version, which can read it.`, { code: 'journal/unknown_format' })
    const fork = first['fork'] as ForkOf | undefined
    return { ...headOfHeads(runId, first, ofRun), payload: first['payload'], ...(fork && { fork }) }
  }
  const read: Journal['read'] = async (runId) => {
    const { records } = readRecords(await bytesOf(runId), journalOf(runId))
    return { ...detailsOf(runId, records[0], records.map(headOfRecord)), records }
  }
  const readCalls: Journal['readCalls'] = async (runId) => {
    const { heads, endBytes } = await headsOf(runId)
    const details = { ...detailsOf(runId, heads.at(0)?.whole(), heads.ofRun), heads }
    ends.set(details, endBytes)
    return details
  }

  /** `firstRecords` is given what stands there already, and may refuse. */
  const open = async (runId: string, { forced, known, isNew }: Pick<Reopening, 'forced' | 'known'> & { readonly isNew?: true }, firstRecords: (known: boolean) => Promise<readonly NewRecord[]>): Promise<RunJournal> => {
    const refused = (cause: unknown): never => {
      throw TracksError.is(cause) ? cause : writeFailed(journalOf(runId), cause)
    }
    if (isNew) await makeFolder(folderOf(runId), { mode: 0o700 }).catch(refused)
    const { id, release } = await lockRun(folderOf(runId)).catch(refused)
    let appender: RecordAppender | undefined
    try {
      const isAsKnown = known && (await stat(journalOf(runId))).size === ends.get(known.run)
      const { heads, endBytes } = isAsKnown ? { heads: known.run.heads, endBytes: ends.get(known.run)! } : await headsOf(runId)
      await Promise.all([blobsOf(runId).tidy(), answersOf(runId).tidy()])
      const bodies = await firstRecords(heads.length > 0)
      const opened = (appender = await RecordAppender.open(journalOf(runId), heads.length, endBytes))
      const written = bodies.map((body): JournalRecord => ({ at: Date.now(), ...body, n: opened.note(body) }))
      await appender.safe()
      const watch = await CancelWatch.begin(folderOf(runId), id)
      const giveBack = async () => {
        await watch.end()
        await release()
      }
      if (!isAsKnown) for (const record of written) heads.push(headOfRecord(record))
      const recorded = isAsKnown ? known.recorded : new RecordedCalls(heads)
      const fork = heads.at(0)?.whole()['fork'] as ForkOf | undefined
      return new RunJournal(appender, { runId, blobs: blobsOf(runId), answers: answersOf(runId), recorded, paidBefore: paidIn(heads.ofRun), cancelled: watch.signal, release: giveBack, forced, others, takesFromOthers: takesFromOthers(fork) })
    } catch (error) {
      await appender?.close().catch(() => {})
      await release()
      throw error
    }
  }

  const begin: Journal['begin'] = ({ runId, kind, name, payload, fork, takesOver = () => true }) =>
    open(runId, { isNew: true }, async (known) => {
      if (known) throw new TerminalError(`The journal holds a run ${runId} already: resume it, or choose another id.`, { code: 'journal/run_exists' })
      const taken = fork ? await takeOver(fork.runId, runId, takesOver) : []
      return [{ type: 'run.opened', format, runId, kind, name, payload, ...(fork && { fork }) }, ...taken]
    })

  /** The records of calls that finished in the other run, for those who may be given them. Big values are shared. */
  const takeOver = async (otherId: string, runId: string, takesOver: (path: string) => boolean): Promise<NewRecord[]> => {
    const { heads } = await readCalls(otherId)
    const finished = new Set([...heads].flatMap((head) => (head.type === 'call.succeeded' && takesOver(pathOf(head)!) ? [head.key] : [])))
    const taken: NewRecord[] = []
    for (const head of heads) {
      if (!finished.has(head.key) || head.type === 'call.failed') continue
      const { n: _n, told: _told, ...body } = head.whole() // an event of the other run
      const { blob } = body as { blob?: BlobReference }
      if (blob && !(await blobsOf(runId).adopt(blobsOf(otherId), blob))) continue // is gone: then it runs
      taken.push({ ...body, of: body['of'] ?? otherId })
    }
    return taken
  }

  const reopen: Journal['reopen'] = async (runId, { map, forced, known } = {}) => {
    if (!known) await readCalls(runId) // says that there is none, before its folder is made
    return open(runId, { forced, known }, () => Promise.resolve([{ type: 'run.resumed', ...(map && { map }), ...(forced?.length && { forced }) }]))
  }

  const lookup: Journal['lookup'] = ({ runId, heads, fork }, { map = {}, forced } = {}) => {
    const recorded = new RecordedCalls(heads)
    recorded.rename(map)
    return { recorded, lookup: new CallLookup(recorded, blobsOf(runId), forced, takesFromOthers(fork) ? others : undefined) }
  }

  const steps: Journal['steps'] = async (runId) => stepsOf((await readCalls(runId)).heads, blobsOf(runId))
  const questions: Journal['questions'] = async (runId) => {
    const waiting = questionsIn((await readCalls(runId)).heads.withoutEvents()).filter(({ status }) => status === 'open')
    return Promise.all(waiting.map(async ({ path, track, step, name, askedAt, until, key, time, record }) => {
      const input = await readStored(record, 'input', blobsOf(runId)).catch(() => undefined)
      return { path, track, step, name, askedAt, until, input, isAnswered: (await answersOf(runId).box(key, time).take()) !== undefined }
    }))
  }
  const diff: Journal['diff'] = async (before, after) => diffSteps(await steps(before), await steps(after))

  const readFrom: Journal['readFrom'] = async (runId, place = { n: 0, bytes: 0 }) => {
    const found = await readBehind(journalOf(runId), place)
    if (found && (place.n > 0 || found.records[0]?.type === 'run.opened')) return found
    await read(runId) // says that there is none
    throw new TerminalError(`The run ${runId} is another than the one that was read: it was deleted, and begun anew. Read it from the beginning.`, { code: 'journal/unknown_run' })
  }
  const valueOf: Journal['valueOf'] = async (runId, record, name) => structuredClone(await readStored(record, name, blobsOf(runId)))

  const isRunning: Journal['isRunning'] = async (runId) => {
    await stat(journalOf(runId)).catch(() => readCalls(runId)) // says that there is none
    return (await holdersOf(folderOf(runId))).length > 0
  }

  const { list, unfinished } = listingIn(runs, { folderOf, readCalls, isRunning, isRunId: (name) => safeRunId.test(name) })
  const costs: Journal['costs'] = async (filter, { onDamaged } = {}) => {
    const damaged: DamagedRun[] = []
    const whole = await list(filter, { onDamaged: (run) => damaged.push(run) })
    for (const run of damaged) onDamaged?.(run)
    return addCosts(...[...whole, ...damaged].map((run) => run.costs))
  }

  const { cancel, cancelAll } = cancellationsIn({ folderOf, isRunning, list, readCalls })
  const { remove, deleteTenant } = deletionsIn(runs, { folderOf, readCalls, list })

  /** Removes what a process left in a run's folder that was killed. Nothing where another one writes it, or where nothing can be written. */
  const tidy = async (runId: string): Promise<void> => {
    const lock = await lockRun(folderOf(runId)).catch(() => undefined) // takes dead ones away
    if (!lock) return
    await blobsOf(runId).tidy().finally(lock.release)
  }

  const outputOf: Journal['outputOf'] = async ({ runId, heads }) => {
    await tidy(runId)
    const end = heads.ofRun.findLast(({ type }) => type === 'run.ended')
    return end && readStored(end.whole(), 'output', blobsOf(runId))
  }

  return { keys: new RunKeys(join(resolve(folder), 'keys')), list, costs, read, readCalls, readFrom, valueOf, steps, questions, answersOf, diff, isRunning, cancel, cancelAll, unfinished, delete: remove, deleteTenant, begin, reopen, lookup, outputOf }
}

type NewRecord = { readonly type: string; readonly [key: string]: unknown }
