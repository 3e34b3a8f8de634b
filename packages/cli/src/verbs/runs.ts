import { formatDuration } from '@track-orchestrator/core/console'
import { costsText } from '@track-orchestrator/registry'
import { CommandError } from '../exit.ts'
import { tellUnknown } from '../source/journal-runs.ts'
import { queryOf, type RunFilter } from '../source/run-source.ts'
import type { Asking } from './verb.ts'

/** The runs of a source, the latest first. */
export async function runs({ source: open, show, load }: Asking, filter: RunFilter): Promise<void> {
  const limit = filter.limit === undefined ? 50 : count(filter.limit)
  const query = queryOf(filter)
  const source = await open()
  const all = await source.list(query, limit + 1)
  const shown = all.slice(0, limit)
  show.value(shown)
  if (all.length === 0) {
    show.line('No runs.')
    return source.name === 'journal' ? tellUnknown(show, (await load()).journal, query) : undefined
  }
  const rows = shown.map((run) => [run.runId, run.name, run.status, ago(run.startedAt), run.endedAt === undefined ? '' : formatDuration(run.endedAt - run.startedAt), costsText(run.costs ?? {}), run.error?.message ?? (run.forkOf === undefined ? '' : `fork of ${run.forkOf}`)])
  const isNarrow = show.width < 100
  const columns = [{ head: 'Run', wraps: true }, { head: 'Name', wraps: true }, { head: 'Status', tells: true }, { head: 'Began' }, { head: 'Took' }, { head: 'Paid', wraps: true }, { head: 'Error', wraps: true }]
  // What went wrong is a line of its own where there is no room: tracks show tells it.
  const kept = [0, 1, 2, 3, 4, ...(shown.some(({ costs }) => costs) ? [5] : []), ...(isNarrow ? [] : [6])]
  show.table(kept.map((index) => columns[index]!), rows.map((row) => kept.map((index) => row[index]!)))
  if (all.length > shown.length) show.line('… and more: --limit')
  const damaged = shown.find(({ status }) => status === 'damaged')
  if (damaged) show.typed('What is damaged, and what to do:', show.command('show', [damaged.runId]))
}

function count(said: string): number {
  const number = Number(said)
  if (!Number.isInteger(number) || number < 1) throw new CommandError(`--limit is a whole number from 1 (got ${JSON.stringify(said)}).`)
  return number
}

const units: Readonly<Record<string, number>> = { s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 }

function ago(at: number): string {
  const [unit, size] = Object.entries(units).findLast(([, ms]) => Date.now() - at >= ms) ?? ['s', 1_000]
  return `${Math.max(0, Math.floor((Date.now() - at) / size))} ${unit} ago`
}
