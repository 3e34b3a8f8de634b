import { setTimeout as delay } from 'node:timers/promises'
import { confirm, isCancel } from '@clack/prompts'
import { CommandError, exitCodes } from '../exit.ts'
import { findRun } from '../source/find-run.ts'
import type { Asking } from './verb.ts'

/** How long a run may take to be cancelled before the command no longer waits for it. */
const patienceMs = 30_000

/** Has the process that runs a run cancel it, and waits for that. */
export async function cancel({ load, show, terminal }: Asking, said: string): Promise<void> {
  const { journal } = await load()
  const runId = await findRun(journal, said)
  await journal.cancel(runId)
  const until = Date.now() + patienceMs
  while ((await journal.isRunning(runId)) && Date.now() < until) {
    terminal.signal.throwIfAborted()
    await delay(100)
  }
  if (await journal.isRunning(runId)) throw new CommandError(`Run ${runId} was asked to stop, but still runs: a handler takes its time.`, exitCodes.failed)
  show.value({ runId, status: 'cancelled' })
  show.line(`Run ${runId} is cancelled. Go on with it:  tracks resume ${runId}`)
}

/** Deletes a run, or all runs of a tenant, with everything of them in the journal. Asks before, on a terminal. */
export async function remove({ load, show, terminal }: Asking, said: string | undefined, { tenant, yes = false }: { readonly tenant?: string; readonly yes?: boolean }): Promise<void> {
  if ((said === undefined) === (tenant === undefined)) throw new CommandError('Say which run is to be deleted, or --tenant: one of the two.')
  const { journal } = await load()
  const runIds = said === undefined ? (await journal.list({ tenantId: tenant! })).map(({ runId }) => runId) : [await findRun(journal, said)]
  if (!yes) await askWhether(terminal, said === undefined ? `Delete the ${runIds.length} runs of ${tenant!}?` : `Delete run ${runIds[0]!}?`)
  const deleted = said === undefined ? await journal.deleteTenant(tenant!) : runIds
  if (said !== undefined) await journal.delete(runIds[0]!)
  show.value({ deleted })
  show.line(said === undefined ? `${deleted.length} ${deleted.length === 1 ? 'run is' : 'runs are'} deleted.` : `Run ${deleted[0]!} is deleted.`)
}

async function askWhether({ stdin, stdout }: Asking['terminal'], message: string): Promise<void> {
  if (stdin.isTTY !== true || stdout.isTTY !== true) throw new CommandError('Deleting cannot be undone: say --yes.')
  const answer = await confirm({ message, initialValue: false })
  if (isCancel(answer) || !answer) throw new CommandError('Nothing is deleted.', exitCodes.failed)
}
