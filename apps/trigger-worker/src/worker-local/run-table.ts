import { formatDuration, printable } from '@track-orchestrator/core/console'
import type { Run } from '@track-orchestrator/trigger-local'
import { creditLines } from '../program/credits.ts'
import { tableOf } from '../program/table.ts'

const statusWords: Partial<Record<Run['status'], string>> = { COMPLETED_SUCCESSFULLY: 'succeeded', COMPLETED_WITH_ERRORS: 'failed', CANCELED: 'cancelled', EXECUTING: 'running' }

/** A run in one line: what it is, how it stands, how long it took, waits included. */
export function describeRun(run: Run): { task: string; status: string; duration: string; attempts: string } {
  const { task, status, startedAt, completedAt, attemptNumber } = run
  const duration = startedAt && completedAt ? formatDuration(completedAt.getTime() - startedAt.getTime()) : ''
  return { task, status: statusWords[status] ?? status.toLowerCase().replaceAll('_', ' '), duration, attempts: String(attemptNumber) }
}

/** The run and all that it started, each below the run that started it. */
export function runTable(root: Run): string {
  const rows: string[][] = []
  const add = (run: Run, depth: number) => {
    const { task, status, duration, attempts } = describeRun(run)
    rows.push([`${'  '.repeat(depth)}${printable(task)}`, status, attempts, duration])
    for (const child of run.children) add(child, depth + 1)
  }
  add(root, 0)
  return tableOf([['Run', 41], ['Status', 13], ['Attempts', 10], ['Time', 11]], rows)
}

/** Who heard and who spoke, among the run and all that it started. */
export function credits(root: Run): string[] {
  const runs = [root, ...descendants(root)]
  const providerOf = (task: string) => runs.filter((run) => run.task === task).map(provider).find((name) => name !== undefined)
  return creditLines(providerOf('deepgram_speech_to_text'), providerOf('elevenlabs_text_to_speech_batch'))
}

const descendants = (run: Run): Run[] => run.children.flatMap((child) => [child, ...descendants(child)])

interface Envelope {
  readonly metadata?: { readonly provider?: string }
}

/** As the envelope of a finished task says. Trigger.dev may wrap it (`application/super+json`). */
function provider({ waitpoint }: Run): string | undefined {
  const { output = 'null', outputType = '', outputIsError = true } = waitpoint.completed ?? {}
  const parsed = outputIsError || !outputType.includes('json') ? undefined : (JSON.parse(output) as (Envelope & { readonly json?: Envelope }) | null)
  return (parsed?.json ?? parsed)?.metadata?.provider
}
