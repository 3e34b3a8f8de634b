import { readFile, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { TerminalError, toTracksError, TracksError } from '@track-orchestrator/registry'
import type { ForkOf } from '../run/plan-fork.ts'
import type { RunEvent } from '../log/run-event.ts'
import type { JournaledRun } from './journaled-run.ts'
import { totalPaid } from './paid-costs.ts'
import { headOfRecord } from './record.ts'
import { wholeRecords } from './read-records.ts'

/** A run whose journal is there and cannot be read: what its whole lines, or the head that is kept beside it, tell of it nevertheless. `costs`: those that are still told. */
export interface DamagedRun extends Partial<Pick<JournaledRun, 'kind' | 'name' | 'tenantId' | 'projectId' | 'forkOf' | 'costs'>> {
  readonly runId: string
  /** Milliseconds since 1970 (UTC). Where nothing tells it: when its folder was made. */
  readonly startedAt: number
  /** What reading it throws. */
  readonly error: TracksError
}

type Known = Omit<DamagedRun, 'runId' | 'error' | 'startedAt' | 'costs'> & { readonly startedAt?: number }

/** What is known of a run that could not be read. Nothing where it is gone, or was never begun. */
export async function damagedRun(runFolder: string, runId: string, error: unknown): Promise<DamagedRun | undefined> {
  const made = await stat(runFolder).then(({ birthtimeMs }) => birthtimeMs, () => undefined)
  if (made === undefined || (error as { code?: string }).code === 'ENOENT') return undefined
  const path = join(runFolder, 'journal.jsonl')
  const bytes = await readFile(path).catch(() => undefined)
  if (bytes?.length === 0) return undefined
  const whole = bytes ? wholeRecords(bytes, 0) : []
  const known: Known = opened(whole) ?? (await keptHead(runFolder)) ?? ofEvents(whole) ?? {}
  const costs = totalPaid(whole.map(headOfRecord))
  return { runId, startedAt: Math.round(made), ...known, ...(costs && { costs }), error: isNone(error) ? endsInFirstLine(path) : toTracksError(error) }
}

/** A run that was read has a status. */
export const isDamaged = (run: JournaledRun | DamagedRun): run is DamagedRun => !('status' in run)

/** The journal holds not even its first line. */
export const isNone = (error: unknown): boolean => TracksError.is(error) && error.code === 'journal/unknown_run'

const endsInFirstLine = (path: string) =>
  new TerminalError(`${path} ends in its first line: the process that began the run ended then, and nothing of it ran. Begin it again under this id, or delete it.`, { code: 'journal/damaged' })

function opened(records: ReturnType<typeof wholeRecords>): Known | undefined {
  const first = records.find(({ type }) => type === 'run.opened')
  if (!first) return undefined
  const { tenantId, projectId } = (first['payload'] ?? {}) as { tenantId?: string; projectId?: string }
  return picked({ kind: first['kind'], name: first['name'], tenantId, projectId, startedAt: first.at, forkOf: (first['fork'] as ForkOf | undefined)?.runId })
}

async function keptHead(runFolder: string): Promise<Known | undefined> {
  return readFile(join(runFolder, 'run.json'), 'utf8').then((json) => picked(JSON.parse(json) as Record<string, unknown>), () => undefined)
}

function ofEvents(records: ReturnType<typeof wholeRecords>): Known | undefined {
  const event = records.find(({ type }) => type === 'event')?.['event'] as RunEvent | undefined
  return event && picked({ name: event.runName, tenantId: event.tenantId, projectId: event.projectId, startedAt: event.at })
}

/** No more than what is looked for, of the type that it has to have. */
function picked(facts: Readonly<Record<string, unknown>>): Known | undefined {
  const texts = (['kind', 'name', 'tenantId', 'projectId', 'forkOf'] as const).filter((key) => typeof facts[key] === 'string').map((key) => [key, facts[key]] as const)
  return { ...(Object.fromEntries(texts) as Known), ...(typeof facts['startedAt'] === 'number' && { startedAt: facts['startedAt'] }) }
}
