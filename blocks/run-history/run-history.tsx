'use client'

import type { SupabaseClient } from '@supabase/supabase-js'
import { useState } from 'react'
import { RunDetails } from './run-details'
import { readRuns, watchRuns, type History, type Run } from './run-history-client'
import { durationOf, Status } from './run-status'
import { useLooks } from './use-looks'

export interface RunHistoryProps {
  /** Signed in as a user whose `app_metadata` holds `tenant_id`. */
  readonly supabase: SupabaseClient
  readonly tenantId: string
  /** Only runs of this project. */
  readonly projectId?: string
  /** Runs in the list to begin with, and how many more each time. Default 20. */
  readonly pageSize?: number
  /** How often to look. Milliseconds. Default 2,000. */
  readonly intervalMs?: number
  /** Be told of changes over Supabase Realtime as well; then `intervalMs` may be long. Default false. */
  readonly realtime?: boolean
}

/** The runs of a tenant, newest first, and beside them the one that was chosen, with its steps; both live. */
export function RunHistory({ supabase, tenantId, projectId, pageSize = 20, intervalMs = 2_000, realtime = false }: RunHistoryProps) {
  const [wanted, setWanted] = useState(pageSize)
  const [chosen, setChosen] = useState<string>()
  const history: History = { supabase, tenantId, projectId }
  const watch = realtime ? (onChange: () => void) => watchRuns(history, onChange) : undefined
  const { value: page, error } = useLooks(`${tenantId}/${projectId ?? ''}/${wanted}`, (signal) => readNewest(history, wanted, signal), () => true, intervalMs, watch)
  // While more are being read, the ones before stay in their place.
  const [last, setLast] = useState({ page, tenantId, projectId })
  if (page && last.page !== page) setLast({ page, tenantId, projectId })
  const shown = page ?? (last.tenantId === tenantId && last.projectId === projectId ? last.page : undefined)
  return (
    <div className="grid gap-6 md:grid-cols-2">
      <section aria-label="Runs" className="flex min-w-0 flex-col gap-3">
        {error !== undefined && <p role="alert" className="text-destructive text-sm">{error}</p>}
        {!shown && error === undefined && <p className="text-muted-foreground text-sm">Loading runs…</p>}
        {shown?.runs.length === 0 && <p className="text-muted-foreground text-sm">There are no runs yet.</p>}
        <ul className="divide-y rounded-md border text-sm">
          {shown?.runs.map((run) => (
            <li key={run.run_id}>
              <button type="button" data-run={run.run_id} aria-current={run.run_id === chosen} onClick={() => setChosen(run.run_id)} className="hover:bg-muted aria-[current=true]:bg-muted flex w-full items-center gap-2 px-3 py-2 text-left">
                <span className="min-w-0 flex-1 truncate">{run.name}</span>
                <span className="text-muted-foreground tabular-nums">{durationOf(run.duration_ms)}</span>
                <time dateTime={run.started_at} className="text-muted-foreground text-xs">{new Date(run.started_at).toLocaleString()}</time>
                <Status status={run.status} />
              </button>
            </li>
          ))}
        </ul>
        {shown?.hasMore && (
          <button type="button" onClick={() => setWanted(shown.runs.length + pageSize)} className="hover:bg-muted rounded-md border px-3 py-2 text-sm">
            Older runs
          </button>
        )}
      </section>
      {chosen !== undefined && <RunDetails history={history} runId={chosen} intervalMs={intervalMs} realtime={realtime} />}
    </div>
  )
}

/** The newest runs, and whether there are more. An answer may hold fewer rows than were asked for: reading goes on until there are enough, or one is empty. */
async function readNewest(history: History, count: number, signal: AbortSignal): Promise<{ readonly runs: readonly Run[]; readonly hasMore: boolean }> {
  const runs: Run[] = []
  while (runs.length <= count) {
    const page = await readRuns(history, count + 1 - runs.length, runs.at(-1), signal)
    if (page.length === 0) break
    runs.push(...page)
  }
  return { runs: runs.slice(0, count), hasMore: runs.length > count }
}
