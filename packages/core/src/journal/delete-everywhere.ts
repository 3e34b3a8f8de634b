import { DefinitionError, TerminalError, toTracksError, type TracksError } from '@track-orchestrator/registry'
import { checkOptions, listOf, madeBy, objectWith, required, recordOf, signal as signalRule, text } from '@track-orchestrator/registry/options'
import type { DamagedRun } from './damaged-run.ts'
import type { Journal } from './journal.ts'

/** A place beside the journal where something of runs lies: files of a storage, rows of a history. */
export interface RunKeeper {
  /** Deletes all that lies there of a run, and tells how much that was, by what it is: `{ files: 3 }`. Nothing there is no error. Safe to call again. */
  deleteRun(run: { readonly tenantId: string; readonly projectId: string; readonly runId: string }, options: { readonly signal?: AbortSignal | undefined }): Promise<Readonly<Record<string, number>>>
  /** The same of a tenant. `runIds`: runs of the tenant that are known elsewhere, for a place that knows only runs, and not whose they are. */
  deleteTenant(tenantId: string, options: { readonly runIds: readonly string[]; readonly signal?: AbortSignal | undefined }): Promise<Readonly<Record<string, number>>>
  /** The ids of the runs of a tenant that this place knows. Such a place is asked last: the others may need them when they are asked again. */
  runsOf?(tenantId: string, options: { readonly signal?: AbortSignal | undefined }): Promise<readonly string[]>
}

export interface DeleteOptions {
  /** The places beside the journal, by what they are called. */
  readonly keepers: Readonly<Record<string, RunKeeper>>
  /** Ends it between two places, and in the midst of those that hear it. What is deleted stays so; ask again for the rest. */
  readonly signal?: AbortSignal | undefined
}

/**
 * What became of one place, the journal being the last. `failed`: ask again when what the error says is mended. `kept`: it knows which runs there are to delete,
 * and so it is left as it is until the places before it are done. `unread`: runs that were left, since their journals are damaged and do not tell whose they are.
 */
export type DeletedPlace = { readonly place: string } & (
  | { readonly became: 'deleted'; readonly counts: Readonly<Record<string, number>>; readonly unread?: readonly DamagedRun[] }
  | { readonly became: 'failed'; readonly error: TracksError }
  | { readonly became: 'kept' }
)

const aKeeper = objectWith('deleteRun', 'deleteTenant')
const rules = {
  keepers: required({
    ...recordOf(aKeeper),
    check(value, name) {
      const keepers = recordOf(aKeeper).check(value, name) as DeleteOptions['keepers']
      if (Object.hasOwn(keepers, 'journal')) throw new DefinitionError(`${name}.journal: the journal is deleted by itself, the last of all. Give this place another name.`)
      return keepers
    },
  }),
  signal: signalRule,
}
const aJournal = madeBy('createJournal({ folder })', 'delete', 'deleteTenant')

/**
 * Deletes a run everywhere: in every keeper, and then, where all of them did it, in the journal; so one that was broken off, or failed, can be asked for again. The run
 * is locked meanwhile. Throws `journal/locked` while a process writes it, before anything is deleted; `journal/unknown_run`; `DefinitionError` for wrong options.
 */
export async function deleteRun(journal: Journal, runId: string, options: DeleteOptions): Promise<DeletedPlace[]> {
  aJournal.check(journal, 'deleteRun: the journal')
  const { keepers, signal } = checkOptions<DeleteOptions>('deleteRun', options, rules)
  const places: DeletedPlace[] = []
  return untilKept(places, () =>
    journal.delete(runId, {
      async first([run]) {
        const { tenantId, projectId } = run!
        for (const [place, keeper] of inOrder(keepers)) await ask(places, place, keeper, signal, async () => {
          if (tenantId === undefined || projectId === undefined) throw ownerUnknown(runId)
          return keeper.deleteRun({ tenantId, projectId, runId }, { signal })
        })
        refuseAfterFailure(places)
      },
    }).then(() => [runId]))
}

/**
 * Deletes a tenant everywhere, as `deleteRun` does a run: also what keepers hold of runs that the journal does not know. All its runs are locked meanwhile; what begins
 * in the meantime may lose its files. Throws `journal/locked`, which names the runs that are being written, before anything is deleted.
 */
export async function deleteTenant(journal: Journal, tenantId: string, options: DeleteOptions): Promise<DeletedPlace[]> {
  aJournal.check(journal, 'deleteTenant: the journal')
  text().check(tenantId, 'deleteTenant: tenantId')
  const { keepers, signal } = checkOptions<DeleteOptions>('deleteTenant', options, rules)
  const places: DeletedPlace[] = []
  let unread: readonly DamagedRun[] = []
  const ended = await untilKept(places, () =>
    journal.deleteTenant(tenantId, {
      onUnread: (runs) => (unread = runs),
      async first(runs) {
        const runIds = new Set(runs.map(({ runId }) => runId))
        for (const [place, keeper] of Object.entries(keepers)) {
          if (keeper.runsOf) await told(places, place, async () => {
            for (const runId of listOf(text()).check(await keeper.runsOf!(tenantId, { signal }), `${place}: what runsOf gives`) as string[]) runIds.add(runId)
          })
        }
        for (const [place, keeper] of inOrder(keepers)) await ask(places, place, keeper, signal, () => keeper.deleteTenant(tenantId, { runIds: [...runIds], signal }))
        refuseAfterFailure(places)
      },
    }))
  return unread.length === 0 ? ended : ended.map((place) => (place.place === 'journal' && place.became === 'deleted' ? { ...place, unread } : place))
}

const ownerUnknown = (runId: string) => new TerminalError(`The journal of ${runId} is damaged and does not tell whose it is, which this place needs to know. Restore the journal from a copy, or delete the run's folder by hand.`, { code: 'journal/damaged' })

/** Those that know of runs come last. */
const inOrder = (keepers: DeleteOptions['keepers']) => Object.entries(keepers).toSorted(([, a], [, b]) => Number(a.runsOf !== undefined) - Number(b.runsOf !== undefined))

const hasFailed = (places: readonly DeletedPlace[]) => places.some(({ became }) => became === 'failed')

async function ask(places: DeletedPlace[], place: string, keeper: RunKeeper, signal: AbortSignal | undefined, work: () => Promise<Readonly<Record<string, number>>>): Promise<void> {
  signal?.throwIfAborted()
  if (places.some((known) => known.place === place)) return // it failed when it was asked for its runs
  if (keeper.runsOf && hasFailed(places)) places.push({ place, became: 'kept' })
  else await told(places, place, async () => void places.push({ place, became: 'deleted', counts: countsIn(await work()) }))
  signal?.throwIfAborted()
}

/** What is deleted is deleted, whatever the place says of it. */
function countsIn(said: unknown): Readonly<Record<string, number>> {
  return Object.fromEntries(Object.entries(Object(said) as object).filter((count): count is [string, number] => Number.isFinite(count[1])))
}

async function told(places: DeletedPlace[], place: string, work: () => Promise<void>): Promise<void> {
  try {
    await work()
  } catch (error) {
    places.push({ place, became: 'failed', error: toTracksError(error) })
  }
}

/** Tells the journal to leave its runs: who asked is given what became of the places. */
class PlaceFailed extends Error {}

function refuseAfterFailure(places: readonly DeletedPlace[]): void {
  if (hasFailed(places)) throw new PlaceFailed()
}

async function untilKept(places: DeletedPlace[], work: () => Promise<readonly string[]>): Promise<DeletedPlace[]> {
  try {
    const runIds = await work()
    return [...places, { place: 'journal', became: 'deleted', counts: { runs: runIds.length } }]
  } catch (error) {
    if (!(error instanceof PlaceFailed)) throw error
    return [...places, { place: 'journal', became: 'kept' }]
  }
}
