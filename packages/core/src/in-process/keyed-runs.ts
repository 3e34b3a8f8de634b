import { CancelledError, errorFromJson, TracksError } from '@track-orchestrator/registry'
import { wait } from '@track-orchestrator/registry/waiting'
import type { Journal } from '../journal/journal.ts'
import type { JournaledCalls } from '../journal/journaled-run.ts'
import type { RunJournal } from '../journal/run-journal.ts'
import type { KeyedRun } from '../journal/run-keys.ts'
import type { Asked } from '../run/runner.ts'
import type { RunResult } from '../run/runs.ts'
import { copyOf, whileWaitedFor, type RunKey } from './run-key.ts'

/** What a run under a key is made with. */
interface Making {
  readonly journal: Journal
  readonly asked: Asked
  readonly signal: AbortSignal | undefined
  readonly runId: string
  /** The result of a run that goes on in this process. */
  readonly goingOn: (runId: string) => Promise<RunResult> | undefined
  readonly begin: () => Promise<RunJournal>
  readonly follow: (journal: RunJournal) => Promise<RunResult>
  /** Goes on with a run whose process has ended. Of one that has succeeded: gives its output. */
  readonly resume: (run: JournaledCalls) => Promise<RunResult>
}

const lookEveryMs = 300

/**
 * The result of the run that the key stands for: of one that goes on, here or in another process, when it has ended; of one that has succeeded,
 * its output. One whose process has ended is gone on with. Else a new run is begun, by one of all that ask at once.
 */
export async function runUnderKey({ whole, ttlMs }: RunKey, making: Making): Promise<RunResult> {
  const { journal, asked, signal, goingOn, follow, resume } = making
  for (;;) {
    const standing = await journal.keys.find(whole)
    const here = standing && goingOn(standing.runId)
    if (here) return whileWaitedFor(here, { runId: standing.runId, name: asked.name }, signal)
    const known = standing && (await journal.readCalls(standing.runId).catch(() => undefined)) // it may be deleted
    if (known?.status === 'succeeded' && Date.now() < standing!.until) return asAsked(asked, await resume(known))
    if (known?.status === 'open') {
      const result = await resultOfOpen(known, making)
      if (result) return asAsked(asked, result)
      continue // another process has taken it up
    }
    const begun = await beginUnder(whole, standing, Date.now() + ttlMs, making)
    if (begun) return copyOf(asked.name, await follow(begun))
  }
}

/** The result of a run that goes on in another process, or whose process has ended. */
async function resultOfOpen(run: JournaledCalls, { journal, signal, resume }: Making): Promise<RunResult | undefined> {
  if (!(await journal.isRunning(run.runId))) return unlessLocked(resume(run))
  const ended = await whileWaitedFor(endElsewhere(run.runId, journal, signal), run, signal)
  return ended.status === 'succeeded' ? resume(await journal.readCalls(run.runId)) : ended
}

/** How a run of another process ended. */
async function endElsewhere(runId: string, journal: Journal, signal: AbortSignal | undefined): Promise<RunResult> {
  while (await journal.isRunning(runId)) {
    await wait(lookEveryMs, signal)
    signal?.throwIfAborted()
  }
  const { name, status, startedAt, endedAt = Date.now(), error } = await journal.readCalls(runId)
  const facts = { runId, startedAt, durationMs: endedAt - startedAt }
  if (status === 'succeeded' || status === 'open') return { ...facts, status: 'succeeded', output: undefined } // to be read, or gone on with
  return { ...facts, status, error: error ? errorFromJson(error) : new CancelledError(`${name} was cancelled`) }
}

/** Begun first, then claimed: whoever finds the key finds a run. */
async function beginUnder(key: string, standing: KeyedRun | undefined, until: number, making: Making): Promise<RunJournal | undefined> {
  const { journal, runId, begin } = making
  const begun = await begin().catch(async (error: unknown) => {
    if (!(await isAnother(key, standing, error, making))) throw error
  })
  if (!begun) return undefined
  try {
    if (await journal.keys.claim(key, { runId, until }, standing)) return begun
  } catch (error) {
    await takeBack(begun, runId, journal)
    throw error
  }
  await takeBack(begun, runId, journal)
  return undefined
}

/** Of several that ask under one key with one id, one begins the run, and claims the key a moment later. */
async function isAnother(key: string, standing: KeyedRun | undefined, error: unknown, { journal, runId, signal }: Making): Promise<boolean> {
  if (!TracksError.is(error) || (error.code !== 'journal/run_exists' && error.code !== 'journal/locked')) return false
  for (let looks = 0; looks < 10; looks++) {
    const now = await journal.keys.find(key)
    if (now && now.number !== standing?.number) return true
    if (!(await wait(30, signal)) || !(await journal.isRunning(runId).catch(() => true))) return false
  }
  return false
}

async function takeBack(begun: RunJournal, runId: string, journal: Journal): Promise<void> {
  await begun.close()
  await journal.delete(runId)
}

/** Nothing where another process goes on with the run meanwhile. */
async function unlessLocked(result: Promise<RunResult>): Promise<RunResult | undefined> {
  try {
    return await result
  } catch (error) {
    if (TracksError.is(error) && error.code === 'journal/locked') return undefined
    throw error
  }
}

/** Of an orchestrator's run that this process has not walked, the journal does not say how each track ended. */
const asAsked = ({ kind }: Asked, result: RunResult): RunResult => (kind === 'orchestrator' ? Object.assign({ tracks: {} }, result) : result)
