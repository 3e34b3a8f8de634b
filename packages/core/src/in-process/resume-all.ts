import { CancelledError, toTracksError, type TracksError } from '@track-orchestrator/registry'
import { inTurns } from '@track-orchestrator/registry/waiting'
import { isDamaged, type DamagedRun } from '../journal/damaged-run.ts'
import type { JournaledRun } from '../journal/journaled-run.ts'
import type { RunResult } from '../run/runs.ts'
import type { ResumeOptions } from './journaled-runs.ts'

/** What became of a run that was to be gone on with: how it ended; or that it was not gone on with, and why: another process had taken it up, its definition is not known or lacks a step, or its journal is damaged (what nothing tells of it is empty). */
export type ResumedRun = Pick<JournaledRun, 'runId' | 'name' | 'tenantId' | 'projectId'> & (RunResult | { readonly status: 'refused'; readonly error: TracksError })

/** How runs are gone on with. */
export interface ResumeAllOptions extends ResumeOptions {
  /** Runs that go on at once: from 1 on. Default 4. The tasks of all share the runner's `concurrency`. */
  readonly concurrency?: number
  /** Told of each run when it has ended, or was refused. */
  readonly onEnd?: (run: ResumedRun) => void
}

interface Resuming {
  readonly concurrency: number | undefined
  readonly onEnd: ResumeAllOptions['onEnd'] | undefined
  readonly signal: AbortSignal | undefined
}

/** Goes on with runs, `concurrency` at once. After the signal is aborted no further ones are begun. */
export async function resumeAll(runs: readonly (JournaledRun | DamagedRun)[], resume: (runId: string) => Promise<RunResult>, { concurrency = 4, onEnd, signal }: Resuming): Promise<ResumedRun[]> {
  return inTurns(runs, concurrency, async (run) => {
    const { runId, name = '', tenantId = '', projectId = '' } = run
    const began = isDamaged(run) ? Promise.reject(run.error) : signal?.aborted ? Promise.reject(new CancelledError(`Run ${runId} was not gone on with: all of it was called off before.`)) : resume(runId)
    const end = await began.catch((error: unknown) => ({ runId, status: 'refused', error: toTracksError(error) }) as const)
    const resumed: ResumedRun = { name, tenantId, projectId, ...end }
    tell(onEnd, resumed)
    return resumed
  })
}

/** What whoever is told throws stops no run: it is a warning. */
function tell(onEnd: Resuming['onEnd'], run: ResumedRun): void {
  const warn = (thrown: unknown) => process.emitWarning(`resumeAll: onEnd failed for run ${run.runId}: ${toTracksError(thrown).message}`, { type: 'TracksWarning' })
  try {
    Promise.resolve(onEnd?.(run) as unknown).catch(warn)
  } catch (thrown) {
    warn(thrown)
  }
}
