import { CancelledError, TerminalError, TimedOutError, toTracksError, type TracksError } from '@track-orchestrator/registry'
import { checkOptions, durationMs, signal as aSignal } from '@track-orchestrator/registry/options'
import { inTurns, wait } from '@track-orchestrator/registry/waiting'
import { askToCancel } from './cancel-file.ts'
import type { DamagedRun } from './damaged-run.ts'
import type { JournaledRun } from './journaled-run.ts'
import { refuseAll, type ListOptions, type RunFilter } from './list-runs.ts'

/** What became of a run that was to be cancelled. `had_ended`: before it heard of it, as its `status` says; `interrupted`: its process ended. */
export type CancelledRun = Pick<JournaledRun, 'runId' | 'name' | 'tenantId' | 'projectId'> &
  (
    | { readonly became: 'cancelled' }
    | { readonly became: 'had_ended'; readonly status: 'succeeded' | 'failed' | 'interrupted' }
    /** It was asked to, and goes on (`timed_out`), or could not be asked. */
    | { readonly became: 'not_cancelled'; readonly error: TracksError }
  )

/** How long the end of runs is waited for that were asked to cancel. */
export interface CancelAllOptions {
  /** In milliseconds, for all together: a handler has its `graceMs` to tidy up. Default 30,000. */
  readonly timeoutMs?: number
  /** Aborting it ends the waiting, not the cancelling. */
  readonly signal?: AbortSignal
}

/** What cancelling needs of a journal. */
interface Reading {
  readonly folderOf: (runId: string) => string
  readonly isRunning: (runId: string) => Promise<boolean>
  readonly list: (filter: RunFilter, options?: ListOptions) => Promise<JournaledRun[]>
  readonly readCalls: (runId: string) => Promise<JournaledRun>
}

/** Runs that are asked at once. */
const atOnce = 16
const lookMs = 100

/** Has the processes that write runs cancel them. */
export function cancellationsIn({ folderOf, isRunning, list, readCalls }: Reading): { readonly cancel: (runId: string) => Promise<void>; readonly cancelAll: (filter: RunFilter, options?: CancelAllOptions) => Promise<CancelledRun[]> } {
  const cancel = async (runId: string): Promise<void> => {
    if (!(await isRunning(runId))) throw new TerminalError(`Run ${runId} is not running: its process has ended. There is nothing to cancel.`, { code: 'journal/not_running' })
    await askToCancel(folderOf(runId))
  }

  /** How a run ended that was asked to cancel, or that it goes on. */
  const endOf = async (runId: string, until: number, signal: AbortSignal | undefined) => {
    while (await isRunning(runId)) {
      if (Date.now() >= until) throw new TimedOutError(`Run ${runId} was asked to stop, but still runs: a handler takes its time. It stops when that is done.`)
      await wait(lookMs, signal)
      if (signal?.aborted) throw new CancelledError(`Run ${runId} was asked to stop. It was not waited for until it did.`, { cause: signal.reason })
    }
    const { status } = await readCalls(runId)
    return status === 'cancelled' ? ({ became: 'cancelled' } as const) : ({ became: 'had_ended', status: status === 'open' ? 'interrupted' : status } as const)
  }

  /** Those that can be read, and those that are damaged: whoever has all of a tenant's stopped has these stopped as well. */
  const runningOf = async (filter: RunFilter): Promise<Pick<JournaledRun, 'runId' | 'name' | 'tenantId' | 'projectId'>[]> => {
    const damaged: DamagedRun[] = []
    const whole = await list({ ...filter, status: 'running' }, { onDamaged: (run) => damaged.push(run) })
    const going = await Promise.all(damaged.map(({ runId }) => isRunning(runId).catch(() => false)))
    return [...whole, ...damaged.filter((_, index) => going[index]).map(({ runId, name = '', tenantId = '', projectId = '' }) => ({ runId, name, tenantId, projectId }))]
  }

  const cancelAll = async (filter: RunFilter, options: CancelAllOptions = {}): Promise<CancelledRun[]> => {
    refuseAll('cancelAll', filter)
    const { timeoutMs = 30_000, signal } = checkOptions<CancelAllOptions>('cancelAll', options, { timeoutMs: durationMs(), signal: aSignal })
    const { status = 'running' } = filter
    const going = status === 'running' || status === 'open' ? await runningOf(filter) : []
    const asked = await inTurns(going, atOnce, ({ runId }) => cancel(runId).catch((error: unknown) => toTracksError(error)))
    const until = Date.now() + timeoutMs
    return inTurns(going, atOnce, async ({ runId, name, tenantId, projectId }, index) => {
      const refused = asked[index]
      const ended = refused && refused.code !== 'journal/not_running' ? Promise.reject(refused) : endOf(runId, until, signal)
      return { runId, name, tenantId, projectId, ...(await ended.catch((error: unknown) => ({ became: 'not_cancelled', error: toTracksError(error) }) as const)) }
    })
  }
  return { cancel, cancelAll }
}
