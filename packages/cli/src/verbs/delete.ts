import { confirm, isCancel } from '@clack/prompts'
import { printable } from '@track-orchestrator/core/console'
import { deleteRun, deleteTenant, type DamagedRun, type DeletedPlace, type JournaledRun } from '@track-orchestrator/core/in-process'
import { errorToJson } from '@track-orchestrator/registry'
import { openPart } from '../config/open-part.ts'
import { CommandError, exitCodes } from '../exit.ts'
import type { Shower } from '../show/shower.ts'
import { findRun } from '../source/find-run.ts'
import { tellUnknown } from '../source/journal-runs.ts'
import type { Asking } from './verb.ts'

/**
 * Deletes a run, or all of a tenant, in every place that the configuration names (`keepers`) and then in the journal. Asks before, on a terminal. Gives the exit code:
 * where a place failed, the journal keeps its runs, so that it can be asked for again.
 */
export async function remove({ load, show, terminal }: Asking, said: string | undefined, { tenant, yes = false, plan = false }: { readonly tenant?: string; readonly yes?: boolean; readonly plan?: boolean }): Promise<number> {
  if ((said === undefined) === (tenant === undefined)) throw new CommandError('Say which run is to be deleted, or --tenant: one of the two.')
  if (tenant === '') throw new CommandError('Say whose runs: --tenant <id>.')
  const loaded = await load()
  const { journal } = loaded
  const runId = said === undefined ? undefined : await findRun(journal, said)
  const damaged: DamagedRun[] = []
  const all = [...(await journal.list({}, { onDamaged: (run) => damaged.push(run) })), ...damaged]
  const runIds = runId === undefined ? all.filter(({ tenantId }) => tenantId === tenant).map((run) => run.runId) : [runId]
  const unread = runId === undefined ? damaged.filter(({ tenantId }) => tenantId === undefined) : []
  if (runIds.length === 0) await tellUnknown(show, journal, { tenant })
  const keepers = (await openPart(loaded, 'keepers')) ?? {}
  const places = [...Object.keys(keepers), 'journal']
  const what = runId === undefined ? `all of ${tenant!} (${runIds.length} ${runIds.length === 1 ? 'run' : 'runs'} in the journal)` : `run ${runId}`
  const forks = forksOf(all, runIds)
  const warning = forks.length === 0 ? '' : ` Forks that take over from it: ${some(forks)}; files of it that they refer to are gone for them.`
  if (plan) {
    show.value({ runIds, places, ...(forks.length > 0 && { forks }), ...unreadValue(unread) })
    show.line(`Would delete ${what} in ${listed(places)}.${warning}`)
    tellUnread(show, unread)
    return exitCodes.done
  }
  if (!yes) await askWhether(terminal, `Delete ${what}${places.length > 1 ? ` in ${listed(places)}` : ''}?${warning}`)
  const options = { keepers, signal: terminal.signal }
  const deleted = await (runId === undefined ? deleteTenant(journal, tenant!, options) : deleteRun(journal, runId, options)).catch((error: NodeJS.ErrnoException) => {
    throw 'syscall' in error ? new CommandError(`${runId === undefined ? `The runs of ${tenant!}` : `Run ${runId}`} cannot be deleted (${error.code}): see whose ${error.path ?? 'it'} is.`, exitCodes.journal, { cause: error }) : error
  })
  return tell(show, { runId, runIds, tenant }, deleted)
}

/** What became of each place. Gives the exit code. */
function tell(show: Shower, { runId, runIds, tenant }: { readonly runId: string | undefined; readonly runIds: readonly string[]; readonly tenant: string | undefined }, places: readonly DeletedPlace[]): number {
  const failed = places.some(({ became }) => became === 'failed')
  const unread = places.flatMap((place) => (place.became === 'deleted' ? (place.unread ?? []) : []))
  show.value({ deleted: failed ? [] : runIds, places: places.map(jsonOf) })
  if (places.length > 1) for (const place of places) show.line(`${place.place}: ${describe(place)}`)
  if (failed) {
    show.line(runId === undefined ? `Not all of ${tenant!} is deleted, and its runs stay listed.` : `Run ${runId} is not deleted everywhere, and stays listed.`)
    show.typed('When that is mended:', runId === undefined ? show.command('delete', [], ['--tenant', tenant!]) : show.command('delete', [runId]))
    return exitCodes.failed
  }
  show.line(runId === undefined ? `${runIds.length} ${runIds.length === 1 ? 'run is' : 'runs are'} deleted.` : `Run ${runId} is deleted.`)
  tellUnread(show, unread)
  return unread.length > 0 ? exitCodes.failed : exitCodes.done
}

const unreadValue = (unread: readonly DamagedRun[] = []) => (unread.length > 0 ? { unread: unread.map((run) => ({ ...run, error: errorToJson(run.error) })) } : {})

function jsonOf(place: DeletedPlace): object {
  if (place.became === 'failed') return { ...place, error: errorToJson(place.error) }
  return place.became === 'deleted' ? { ...place, ...unreadValue(place.unread) } : place
}

/** Runs that may be the tenant's: what a person knows of them decides. */
function tellUnread(show: Shower, unread: readonly DamagedRun[]): void {
  if (unread.length === 0) return
  show.line(`${unread.length === 1 ? 'The journal of a run is damaged and does not tell whose it is' : `The journals of ${unread.length} runs are damaged and do not tell whose they are`}, so ${unread.length === 1 ? 'it is' : 'they are'} left:`)
  for (const { runId } of unread) show.typed(`  ${runId}`, show.command('delete', [runId]))
}

function describe(place: DeletedPlace): string {
  if (place.became === 'failed') return `failed: ${printable(place.error.message)}`
  if (place.became === 'kept') return 'left as it is, so that this can be asked for again'
  return `${Object.entries(place.counts).map(([name, count]) => `${name} ${count}`).join(', ')} deleted`
}

const forksOf = (all: readonly Pick<JournaledRun, 'runId' | 'forkOf'>[], runIds: readonly string[]) => all.filter(({ forkOf, runId }) => forkOf !== undefined && runIds.includes(forkOf) && !runIds.includes(runId)).map(({ runId }) => runId)

const listed = (names: readonly string[]) => (names.length === 1 ? `the ${names[0]!}` : `${names.slice(0, -1).join(', ')} and the ${names.at(-1)!}`)
const some = (ids: readonly string[]) => `${ids.slice(0, 5).join(', ')}${ids.length > 5 ? ', …' : ''}`

async function askWhether({ stdin, stdout }: Asking['terminal'], message: string): Promise<void> {
  if (stdin.isTTY !== true || stdout.isTTY !== true) throw new CommandError('Deleting cannot be undone: say --yes.')
  const answer = await confirm({ message, initialValue: false })
  if (isCancel(answer) || !answer) throw new CommandError('Nothing is deleted.', exitCodes.failed)
}
