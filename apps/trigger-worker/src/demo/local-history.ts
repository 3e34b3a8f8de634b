import { createClient } from '@supabase/supabase-js'
import Table from 'cli-table3'
import type { RunLog } from '@track-orchestrator/core'
import { formatDuration } from '@track-orchestrator/core/console'
import { startSupabaseLocal, type SupabaseLocal } from '@track-orchestrator/supabase-local'
import { createRunReader, createSupabaseLog, migrationSql, type RunReader, type RunWithSteps } from '@track-orchestrator/supabase-logger'
import { WebSocket } from 'ws'

/** A Supabase project of the demo's own, on this machine, with the run history in it. */
export interface LocalHistory {
  readonly log: RunLog
  readonly url: string
  /** The newest run of a project, as the database tells it: a line about the run, and a table of its steps. */
  describeLastRun(project: { readonly tenantId: string; readonly projectId: string }): Promise<string>
  /** Ends it all. What was stored is gone. */
  stop(): Promise<void>
}

/** Starts PostgreSQL and PostgREST, applies the migrations, and logs there. `spoolFolder`: where events wait for the database. */
export async function startLocalHistory(spoolFolder: string): Promise<LocalHistory> {
  const project = await startSupabaseLocal({ migrations: [migrationSql()] })
  const log = createSupabaseLog({ url: project.url, key: project.serviceRoleKey, spoolFolder })
  return {
    log,
    url: project.url,
    async describeLastRun({ tenantId, projectId }) {
      const reader = readerOf(project, tenantId)
      const { runs } = await reader.listRuns({ tenantId, projectId, limit: 1 })
      const run = runs[0] && (await reader.readRun({ tenantId, runId: runs[0].runId }))
      return run ? describeRun(run) : 'The database holds no run.'
    },
    async stop() {
      await log.close(5_000)
      await project.stop()
    },
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
  const table = new Table({ head: ['Path', 'Status', 'Attempt', 'Time'], style: { head: [], border: [], compact: true } })
  table.push(...steps.map((step) => [step.path, step.status, String(step.attempt ?? ''), step.durationMs === undefined ? '' : formatDuration(step.durationMs)]))
  return `Run ${runId} in the database: ${name} ${status}${durationMs === undefined ? '' : ` in ${formatDuration(durationMs)}`}, ${eventCount} events\n${table.toString()}`
}
