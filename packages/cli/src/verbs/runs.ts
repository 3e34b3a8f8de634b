import { formatDuration } from '@track-orchestrator/core/console'
import type { Journal, JournaledRun } from '@track-orchestrator/core/in-process'
import { adviceOnName } from '@track-orchestrator/registry/options'
import { CommandError } from '../exit.ts'
import type { Asking } from './verb.ts'

export const runStatuses = ['running', 'interrupted', 'succeeded', 'failed', 'cancelled'] as const
export type RunStatus = (typeof runStatuses)[number]

export interface RunFilter {
  readonly status?: string | undefined
  readonly since?: string | undefined
  readonly name?: string | undefined
  readonly tenant?: string | undefined
  readonly limit?: string | undefined
}

/** A run as people see it: whether it runs, or was interrupted, is told by its lock. */
export type ShownRun = Omit<JournaledRun, 'status'> & { readonly status: RunStatus }

/** The runs of the journal, the latest first. */
export async function runs({ load, show, terminal }: Asking, filter: RunFilter): Promise<void> {
  const { journal } = await load()
  const all = await findRuns(journal, filter)
  const shown = all.slice(0, filter.limit === undefined ? 50 : count(filter.limit))
  show.value(shown)
  if (all.length === 0) return show.line('No runs.')
  const rows = shown.map((run) => [run.runId, run.name, run.status, ago(run.startedAt), run.endedAt === undefined ? '' : formatDuration(run.endedAt - run.startedAt), run.error?.message ?? (run.forkOf === undefined ? '' : `fork of ${run.forkOf}`)])
  const isNarrow = show.width < 100
  const columns = [{ head: 'Run', wraps: true }, { head: 'Name', wraps: true }, { head: 'Status' }, { head: 'Began' }, { head: 'Took' }, { head: 'Error', wraps: true }]
  // What went wrong is a line of its own where there is no room: tracks show tells it.
  const kept = isNarrow ? [0, 1, 2, 3, 4] : [0, 1, 2, 3, 4, 5]
  show.table(kept.map((index) => columns[index]!), rows.map((row) => kept.map((index) => row[index]!)))
  if (all.length > shown.length) show.line(`… and ${all.length - shown.length} more: --limit`)
  void terminal
}

/** Throws `CommandError` for a filter that is none. */
export async function findRuns(journal: Journal, { status, since, name, tenant }: RunFilter): Promise<ShownRun[]> {
  if (status !== undefined && !(runStatuses as readonly string[]).includes(status)) throw new CommandError(`--status is one of ${runStatuses.join(', ')}. ${adviceOnName(status, runStatuses)}`)
  const from = since === undefined ? 0 : Date.now() - durationOf(since)
  const listed = await journal.list({ ...(name !== undefined && { name }), ...(tenant !== undefined && { tenantId: tenant }) })
  const recent = listed.filter(({ startedAt }) => startedAt >= from)
  const all = await Promise.all(recent.map(async (run): Promise<ShownRun> => ({ ...run, status: run.status === 'open' ? ((await journal.isRunning(run.runId)) ? 'running' : 'interrupted') : run.status })))
  return all.filter((run) => status === undefined || run.status === status)
}

const units: Readonly<Record<string, number>> = { s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000, w: 604_800_000 }

function durationOf(said: string): number {
  const [, number, unit] = /^(\d+(?:\.\d+)?)\s*([smhdw])$/.exec(said) ?? []
  if (number === undefined) throw new CommandError(`--since is a time span like 30m, 12h, 1d or 2w (got ${JSON.stringify(said)}).`)
  return Number(number) * units[unit!]!
}

function count(said: string): number {
  const number = Number(said)
  if (!Number.isInteger(number) || number < 1) throw new CommandError(`--limit is a whole number from 1 (got ${JSON.stringify(said)}).`)
  return number
}

export function ago(at: number): string {
  const [unit, size] = Object.entries(units).findLast(([name, ms]) => name !== 'w' && Date.now() - at >= ms) ?? ['s', 1_000]
  return `${Math.max(0, Math.floor((Date.now() - at) / size))} ${unit} ago`
}
