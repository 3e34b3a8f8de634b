import { setTimeout as delay } from 'node:timers/promises'
import { printable } from '@track-orchestrator/core/console'
import { errorToJson, type TracksError } from '@track-orchestrator/registry'
import { CommandError, exitCodes } from '../exit.ts'
import type { Shower } from '../show/shower.ts'
import { findRun } from '../source/find-run.ts'
import { journalFilter, tellUnknown } from '../source/journal-runs.ts'
import { isFiltered, queryOf, type RunFilter } from '../source/run-source.ts'
import type { Asking } from './verb.ts'

/** Has the process that runs a run cancel it, or those of all that a filter finds, and waits for that. Gives the exit code. */
export async function cancel({ load, show, terminal }: Asking, said: string | undefined, filter: RunFilter): Promise<number> {
  const { journal } = await load()
  if (said === undefined) {
    if (!isFiltered(filter)) throw new CommandError('Say which run: its id, the beginning of it, or last; or which of them: --name VoiceConversion --tenant acme.')
    const chosen = journalFilter(queryOf(filter))
    const told = chosen ? await journal.cancelAll(chosen, { signal: terminal.signal }) : []
    terminal.signal.throwIfAborted()
    const exitCode = tellAllCancelled(show, told)
    if (told.length === 0) await tellUnknown(show, journal, filter)
    return exitCode
  }
  const runId = await findRun(journal, said)
  await journal.cancel(runId)
  const until = Date.now() + patienceMs
  while (await journal.isRunning(runId)) {
    if (Date.now() > until) throw new CommandError(`Run ${runId} was asked to stop, but still runs: a handler takes its time.`, exitCodes.failed)
    await delay(100, undefined, { signal: terminal.signal })
  }
  tellCancelled(show, runId)
  return exitCodes.done
}

/** How long a run may take to be cancelled before the command no longer waits for it. */
const patienceMs = 30_000

export function tellCancelled(show: Shower, runId: string, where: readonly string[] = []): void {
  show.value({ runId, status: 'cancelled' })
  tellOne(show, runId, where)
}

const tellOne = (show: Shower, runId: string, where: readonly string[]) => show.typed(`Run ${runId} is cancelled. Go on with it:`, show.command('resume', [runId], where))

/** What became of runs that were to be cancelled. */
type Became = { readonly runId: string } & ({ readonly became: 'cancelled' } | { readonly became: 'had_ended'; readonly status: string } | { readonly became: 'not_cancelled'; readonly error: TracksError })

/** Gives the exit code. */
export function tellAllCancelled(show: Shower, runs: readonly Became[], where: readonly string[] = []): number {
  const idsOf = (became: Became['became']) => runs.filter((run) => run.became === became).map(({ runId }) => runId)
  const failed = runs.flatMap((run) => (run.became === 'not_cancelled' ? [{ runId: run.runId, error: errorToJson(run.error) }] : []))
  show.value({ cancelled: idsOf('cancelled'), ...(idsOf('had_ended').length > 0 && { hadEnded: idsOf('had_ended') }), ...(failed.length > 0 && { notCancelled: failed }) })
  if (runs.length === 0) show.line('No such run is running.')
  for (const run of runs) {
    if (run.became === 'cancelled') tellOne(show, run.runId, where)
    else show.line(run.became === 'had_ended' ? `Run ${run.runId} had ended: it ${run.status === 'interrupted' ? 'was interrupted' : run.status}.` : `Run ${run.runId} is not cancelled: ${printable(run.error.message)}`)
  }
  return failed.length > 0 ? exitCodes.failed : exitCodes.done
}
