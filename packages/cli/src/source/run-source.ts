import type { RunEvent } from '@track-orchestrator/core'
import type { ForkOf, JournaledQuestion, JournaledRun, JournaledStep, JournalRecord } from '@track-orchestrator/core/in-process'
import { CommandError, exitCodes } from '../exit.ts'

export const runStatuses = ['queued', 'running', 'waiting', 'interrupted', 'succeeded', 'failed', 'cancelled', 'damaged'] as const
export type RunStatus = (typeof runStatuses)[number]

export interface RunFilter {
  readonly status?: string | undefined
  readonly since?: string | undefined
  readonly name?: string | undefined
  readonly tenant?: string | undefined
  readonly project?: string | undefined
  readonly limit?: string | undefined
}

/** A filter that was checked. `from`: begun since, in milliseconds since 1970. */
export interface RunQuery {
  readonly status?: RunStatus | undefined
  readonly from: number
  readonly name?: string | undefined
  readonly tenant?: string | undefined
  readonly project?: string | undefined
}

/** A run as people see it. What a source does not know of it is empty. */
export type ShownRun = Omit<JournaledRun, 'status' | 'kind'> & { readonly kind?: JournaledRun['kind']; readonly status: RunStatus }

/** A run with its steps. */
export interface WholeRun {
  readonly run: ShownRun
  /** Where the source keeps it. */
  readonly payload?: unknown
  readonly fork?: ForkOf
  readonly steps: readonly JournaledStep[]
  readonly events: readonly RunEvent[]
  readonly records?: readonly JournalRecord[]
}

/** Where runs are looked at: the journal of this machine, a history, Trigger.dev. */
export interface RunSource {
  readonly name: 'journal' | 'supabase' | 'trigger'
  /** The id of the run that a person means. Throws `CommandError`. */
  find(said: string): Promise<string>
  /** The latest first; `limit` at most. */
  list(query: RunQuery, limit: number): Promise<ShownRun[]>
  read(runId: string): Promise<WholeRun>
  /** What the run asks for. Absent where the source does not know. */
  questions?(runId: string): Promise<readonly JournaledQuestion[]>
}

/** How a run is found by its whole id, or as the `last` of a list; `none`: what is said where there is none. */
export function findByIdOrLast(list: RunSource['list'], none: string): RunSource['find'] {
  return async (said) => {
    if (said !== 'last') return said
    const [last] = await list({ from: 0 }, 1)
    if (!last) throw new CommandError(none, exitCodes.journal)
    return last.runId
  }
}

const units: Readonly<Record<string, number>> = { s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000, w: 604_800_000 }

/** Throws `CommandError` for a filter that is none. */
export function queryOf({ status, since, name, tenant, project }: RunFilter): RunQuery {
  if (status !== undefined && !(runStatuses as readonly string[]).includes(status)) throw new CommandError(`--status is one of ${runStatuses.join(', ')} (got ${JSON.stringify(status)}).`)
  return { status: status as RunStatus | undefined, from: since === undefined ? 0 : Date.now() - spanMs('--since', since), name, tenant, project }
}

/** Whether a filter says anything: without it, all runs would be meant. */
export const isFiltered = (filter: RunFilter): boolean => Object.values(filter).some((value) => value !== undefined)

/** The milliseconds of a time span. Throws `CommandError`. */
export function spanMs(option: string, span: string): number {
  const [, number, unit] = /^(\d+(?:\.\d+)?)\s*([smhdw])$/.exec(span) ?? []
  if (number === undefined) throw new CommandError(`${option} is a time span like 30m, 12h, 1d or 2w (got ${JSON.stringify(span)}).`)
  return Math.round(Number(number) * units[unit!]!)
}
