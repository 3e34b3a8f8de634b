import { createClient } from '@supabase/supabase-js'
import type { RunLog } from '@track-orchestrator/core'
import { formatDuration, printable } from '@track-orchestrator/core/console'
import { startSupabaseLocal, type SupabaseLocal } from '@track-orchestrator/supabase-local'
import { createRunReader, createSupabaseLog, migrationSql, type RunReader, type RunWithSteps } from '@track-orchestrator/supabase-logger'
import { WebSocket } from 'ws'
import { ProgramError } from '../program/describe-failure.ts'
import { tableOf } from '../program/table.ts'

/** A Supabase project of the demo's own, on this machine, with the run history in it. */
export interface LocalHistory {
  readonly log: RunLog
  readonly url: string
  /** The newest run of a project, as the database tells it: a line about the run, and a table of its steps. */
  describeLastRun(project: { readonly tenantId: string; readonly projectId: string }): Promise<string>
  /** Ends it all. What was stored is gone. `atOnce`: what has not reached the database is not waited for. */
  stop(atOnce: boolean): Promise<void>
}

export interface LocalHistoryOptions {
  /** Where events wait for the database. */
  readonly spoolFolder: string
  /** Aborted: the start is given up. */
  readonly signal: AbortSignal
  /** Is told what is wrong with the log, if anything is. */
  readonly onNotice: (message: string) => void
}

/** Starts PostgreSQL and PostgREST, applies the migrations, and logs there. */
export async function startLocalHistory({ spoolFolder, signal, onNotice }: LocalHistoryOptions): Promise<LocalHistory> {
  const project = await startProject(signal)
  const log = createSupabaseLog({ url: project.url, key: project.secretKey, spoolFolder, onNotice: ({ message }) => onNotice(message) })
  return {
    log,
    url: project.url,
    async describeLastRun({ tenantId, projectId }) {
      const reader = readerOf(project, tenantId)
      const { runs } = await reader.listRuns({ tenantId, projectId, limit: 1 })
      const run = runs[0] && (await reader.readRun({ tenantId, runId: runs[0].runId }))
      return run ? describeRun(run) : 'The database holds no run.'
    },
    async stop(atOnce) {
      await log.close(atOnce ? 0 : 5_000)
      await project.stop()
    },
  }
}

async function startProject(signal: AbortSignal): Promise<SupabaseLocal> {
  signal.throwIfAborted()
  try {
    return await startSupabaseLocal({ migrations: [migrationSql()], signal })
  } catch (error) {
    signal.throwIfAborted()
    throw new ProgramError(`The local Supabase did not start: ${(error as Error).message}`)
  }
}

/** A reader like any signed-in user of the tenant: row-level security applies. */
export function readerOf(project: SupabaseLocal, tenantId: string): RunReader {
  const token = project.tokenFor({ role: 'authenticated', app_metadata: { tenant_id: tenantId } })
  const client = createClient(project.url, project.anonKey, {
    auth: { persistSession: false, autoRefreshToken: false },
    global: { headers: { authorization: `Bearer ${token}` } },
    realtime: { transport: WebSocket as never }, // Node 20 has none of its own
  })
  return createRunReader(client)
}

function describeRun({ runId, name, status, durationMs, eventCount, steps }: RunWithSteps): string {
  const rows = steps.map((step) => [shortPath(step.path), step.status, String(step.attempt ?? ''), step.durationMs === undefined ? '' : formatDuration(step.durationMs)].map(printable))
  const took = durationMs === undefined ? '' : ` in ${formatDuration(durationMs)}`
  return `Run ${runId} in the database:\n${printable(name)} ${status}${took}, ${eventCount} events\n${tableOf([['Step', 44], ['Status', 11], ['Attempt', 9], ['Time', 11]], rows)}`
}

/** The last part of a path, a little to the right for each part before it. */
function shortPath(path: string): string {
  const parts = path.split('/')
  return `${'  '.repeat(parts.length - 1)}${parts.at(-1)}`
}
