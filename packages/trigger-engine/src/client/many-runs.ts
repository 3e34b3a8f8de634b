import { CancelledError, DefinitionError, TimedOutError, toTracksError, type TracksError } from '@track-orchestrator/registry'
import { inTurns, wait } from '@track-orchestrator/registry/waiting'
import { runs } from '@trigger.dev/sdk'
import { ask, pausing } from './ask.ts'
import { findRuns, type FoundRun, type ListQuery } from './list-runs.ts'
import { statusOf, type RunState } from './run-state.ts'

/** Which runs are meant: those that fit all that is said. */
export type ManyQuery = Omit<ListQuery, 'limit'>

interface RunOfMany {
  readonly id: string
  readonly name: string
}

/** What became of a run that was to be cancelled. `had_ended`: before it was reached, as its `status` says. */
export type CancelledRun = RunOfMany &
  ({ readonly became: 'cancelled' } | { readonly became: 'had_ended'; readonly status: 'succeeded' | 'failed' } | { readonly became: 'not_cancelled'; readonly error: TracksError })

/** What became of a run that was to be gone on with: `run` goes on with it; or it could not be started. */
export type ResumedRun = RunOfMany & ({ readonly became: 'resumed'; readonly run: { readonly id: string; readonly name: string } } | { readonly became: 'not_resumed'; readonly error: TracksError })

/** Requests at once. */
const atOnce = 8

const going: readonly RunState['status'][] = ['queued', 'running', 'waiting']
const stopped: readonly RunState['status'][] = ['failed', 'cancelled']

/** Of the statuses that are meant, those that the query asks for. */
const among = (statuses: readonly RunState['status'][], { status }: ManyQuery) => (status === undefined ? statuses : statuses.filter((one) => one === status))

/** Refuses a query that says nothing: all runs would be meant. Throws `DefinitionError`. */
function refuseAll(what: string, query: ManyQuery): void {
  if (Object.values(query).every((value) => value === undefined)) throw new DefinitionError(`${what}: a query that says nothing means every run. Say which: { tenantId: 'acme', status: 'failed' }.`)
}

interface Waiting {
  readonly pollMs?: number | undefined
  readonly timeoutMs?: number | undefined
  readonly signal?: AbortSignal | undefined
}

export async function cancelRuns(query: ManyQuery, { pollMs = 500, timeoutMs = 60_000, signal }: Waiting): Promise<CancelledRun[]> {
  refuseAll('cancelAll', query)
  const found = await findRuns(query, among(going, query))
  const refused = await inTurns(found, atOnce, ({ id }) => ask(`cancel ${id}`, () => runs.cancel(id)).then(() => undefined, toTracksError))
  const until = Date.now() + timeoutMs
  /** Trigger.dev takes note of it at once; a run that goes on ends when its worker has heard. */
  const endOf = async (id: string) => {
    while (true) {
      const status = statusOf(await pausing(() => ask(`tell of ${id}`, () => runs.retrieve(id)), { pollMs, until, signal }))
      if (status === 'cancelled') return { became: 'cancelled' } as const
      if (status === 'succeeded' || status === 'failed') return { became: 'had_ended', status } as const
      if (Date.now() >= until) throw new TimedOutError(`Run ${id} was asked to stop, but still runs: a handler takes its time. It stops when that is done.`)
      await wait(pollMs, signal)
      if (signal?.aborted) throw new CancelledError(`Run ${id} was asked to stop. It was not waited for until it did.`, { cause: signal.reason })
    }
  }
  return inTurns(found, atOnce, async ({ id, name }, index) => {
    const ended = refused[index] ? Promise.reject(refused[index]) : endOf(id)
    return { id, name, ...(await ended.catch((error: unknown) => ({ became: 'not_cancelled', error: toTracksError(error) }) as const)) }
  })
}

export async function resumeRuns(query: ManyQuery, resume: (runId: string) => Promise<{ readonly id: string; readonly name: string }>): Promise<ResumedRun[]> {
  refuseAll('resumeAll', query)
  const found = await findRuns(query, among(stopped, query))
  return inTurns(await notTakenUp(found), atOnce, async ({ id, name }) => {
    try {
      return { id, name, became: 'resumed', run: await resume(id) }
    } catch (error) {
      return { id, name, became: 'not_resumed', error: toTracksError(error) }
    }
  })
}

/** A run that was resumed stays as it ended: another goes on with it, or has done so, and is found by itself where it stopped too. */
async function notTakenUp(found: readonly FoundRun[]): Promise<FoundRun[]> {
  if (found.length === 0) return []
  const since = found.reduce((first, { createdAt }) => (createdAt < first ? createdAt : first), found[0]!.createdAt)
  const names = [...new Set(found.map(({ name }) => name))]
  const later = await Promise.all(names.map((name) => findRuns({ name, since })))
  const takenUp = new Set(later.flat().map(({ resumeOf }) => resumeOf))
  return found.filter(({ id }) => !takenUp.has(id))
}
