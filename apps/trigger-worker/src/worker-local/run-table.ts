import Table from 'cli-table3'
import { formatDuration } from '@track-orchestrator/core/console'
import type { Run } from '@track-orchestrator/trigger-dev-server'

const statusWords: Partial<Record<Run['status'], string>> = { COMPLETED_SUCCESSFULLY: 'succeeded', COMPLETED_WITH_ERRORS: 'failed', CANCELED: 'cancelled', EXECUTING: 'running' }

/** A run in one line: what it is, how it stands, how long it took, waits included. */
export function describeRun(run: Run): { task: string; status: string; duration: string; attempts: string } {
  const { task, status, startedAt, completedAt, attemptNumber } = run
  const duration = startedAt && completedAt ? formatDuration(completedAt.getTime() - startedAt.getTime()) : ''
  return { task, status: statusWords[status] ?? status.toLowerCase().replaceAll('_', ' '), duration, attempts: String(attemptNumber) }
}

/** The run and all that it started, each below the run that started it. */
export function runTable(root: Run): string {
  const table = new Table({ head: ['Run', 'Status', 'Attempts', 'Time'], style: { head: [], border: [], compact: true } })
  const add = (run: Run, depth: number) => {
    const { task, status, duration, attempts } = describeRun(run)
    table.push([`${'  '.repeat(depth)}${task}`, status, attempts, duration])
    for (const child of run.children) add(child, depth + 1)
  }
  add(root, 0)
  return table.toString()
}
