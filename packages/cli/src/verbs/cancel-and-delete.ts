import { setTimeout as delay } from 'node:timers/promises'
import { confirm, isCancel } from '@clack/prompts'
import { CommandError, exitCodes } from '../exit.ts'
import type { Shower } from '../show/shower.ts'
import { findRun } from '../source/find-run.ts'
import { runsOfJournal } from '../source/journal-runs.ts'
import { isFiltered, queryOf, type RunFilter } from '../source/run-source.ts'
import type { Asking } from './verb.ts'

/** How long a run may take to be cancelled before the command no longer waits for it. */
const patienceMs = 30_000

/** Has the processes that run a run, or all that a filter finds, cancel them, and waits for that. */
export async function cancel({ load, show, terminal }: Asking, said: string | undefined, filter: RunFilter): Promise<void> {
  const { journal } = await load()
  if (said === undefined && !isFiltered(filter)) throw new CommandError('Say which run: its id, the beginning of it, or last; or which of them: --name VoiceConversion --tenant acme.')
  const runIds = said === undefined ? (await runsOfJournal(journal, queryOf(filter))).filter(({ status }) => status === 'running').map(({ runId }) => runId) : [await findRun(journal, said)]
  for (const runId of runIds) {
    await journal.cancel(runId).catch((error: { readonly code?: string }) => {
      if (said !== undefined || error.code !== 'journal/not_running') throw error // one of many may have ended meanwhile
    })
  }
  const until = Date.now() + patienceMs
  for (const runId of runIds) {
    while ((await journal.isRunning(runId)) && Date.now() < until) {
      terminal.signal.throwIfAborted()
      await delay(100)
    }
    if (await journal.isRunning(runId)) throw new CommandError(`Run ${runId} was asked to stop, but still runs: a handler takes its time.`, exitCodes.failed)
  }
  tellCancelled(show, runIds, said)
}

/** `said`: the run that was named; else a filter found them. */
export function tellCancelled(show: Shower, runIds: readonly string[], said: string | undefined, where = ''): void {
  show.value(said === undefined ? { cancelled: runIds } : { runId: runIds[0], status: 'cancelled' })
  if (runIds.length === 0) show.line('No such run is running.')
  for (const runId of runIds) show.typed(`Run ${runId} is cancelled. Go on with it:`, `${show.command} resume ${runId}${where}`)
}

/** Deletes a run, or all runs of a tenant, with everything of them in the journal. Asks before, on a terminal. */
export async function remove({ load, show, terminal }: Asking, said: string | undefined, { tenant, yes = false }: { readonly tenant?: string; readonly yes?: boolean }): Promise<void> {
  if ((said === undefined) === (tenant === undefined)) throw new CommandError('Say which run is to be deleted, or --tenant: one of the two.')
  if (tenant === '') throw new CommandError('Say whose runs: --tenant <id>.')
  const { journal } = await load()
  const runIds = said === undefined ? (await journal.list({ tenantId: tenant! })).map(({ runId }) => runId) : [await findRun(journal, said)]
  if (!yes) await askWhether(terminal, said === undefined ? `Delete the ${runIds.length} runs of ${tenant!}?` : `Delete run ${runIds[0]!}?`)
  const what = said === undefined ? `The runs of ${tenant!}` : `Run ${runIds[0]!}`
  const deleted = await (said === undefined ? journal.deleteTenant(tenant!) : journal.delete(runIds[0]!).then(() => runIds)).catch((error: NodeJS.ErrnoException) => {
    throw 'syscall' in error ? new CommandError(`${what} cannot be deleted (${error.code}): see whose ${error.path ?? 'it'} is.`, exitCodes.journal, { cause: error }) : error
  })
  show.value({ deleted })
  show.line(said === undefined ? `${deleted.length} ${deleted.length === 1 ? 'run is' : 'runs are'} deleted.` : `Run ${deleted[0]!} is deleted.`)
}

async function askWhether({ stdin, stdout }: Asking['terminal'], message: string): Promise<void> {
  if (stdin.isTTY !== true || stdout.isTTY !== true) throw new CommandError('Deleting cannot be undone: say --yes.')
  const answer = await confirm({ message, initialValue: false })
  if (isCancel(answer) || !answer) throw new CommandError('Nothing is deleted.', exitCodes.failed)
}
