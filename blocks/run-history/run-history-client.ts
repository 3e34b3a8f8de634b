import type { SupabaseClient } from '@supabase/supabase-js'

export type RunStatus = 'running' | 'succeeded' | 'failed' | 'cancelled'

/** A row of `track_runs`. */
export interface Run {
  readonly run_id: string
  readonly project_id: string
  readonly name: string
  readonly status: RunStatus
  readonly started_at: string
  readonly ended_at: string | null
  readonly duration_ms: number | null
  readonly error: { readonly message?: string } | null
  readonly event_count: number
}

/** Where a step stands: what `read_track_run_steps` gives. */
export interface Step {
  readonly path: string
  readonly step: string
  readonly task_name: string
  readonly status: 'running' | 'succeeded' | 'failed' | 'skipped'
  readonly attempt: number | null
  readonly duration_ms: number | null
  readonly error: { readonly message?: string } | null
  readonly handled: boolean
  /** From 0 to 1. */
  readonly progress: number | null
}

/** Whose runs. The signed-in user's token has to name the tenant: `app_metadata.tenant_id`. */
export interface History {
  readonly supabase: SupabaseClient
  readonly tenantId: string
  readonly projectId?: string | undefined
}

const columns = 'run_id, project_id, name, status, started_at, ended_at, duration_ms, error, event_count'

/** Runs that started before `before`, newest first. A project may answer with fewer rows than asked for: only an empty page is the last one. */
export async function readRuns({ supabase, tenantId, projectId }: History, count: number, before?: Run, signal?: AbortSignal): Promise<Run[]> {
  let query = supabase.from('track_runs').select(columns).eq('tenant_id', tenantId).order('started_at', { ascending: false }).order('run_id', { ascending: false }).limit(count)
  if (projectId !== undefined) query = query.eq('project_id', projectId)
  if (before) query = query.lte('started_at', before.started_at).or(`started_at.lt.${quoted(before.started_at)},run_id.lt.${quoted(before.run_id)}`)
  if (signal) query = query.abortSignal(signal)
  return told(await query) as Run[]
}

/** A run; `undefined` where there is none of that id, or none that the user may see. */
export async function readRun({ supabase, tenantId }: History, runId: string, signal: AbortSignal): Promise<Run | undefined> {
  const rows = told(await supabase.from('track_runs').select(columns).eq('tenant_id', tenantId).eq('run_id', runId).limit(1).abortSignal(signal)) as Run[]
  return rows[0]
}

/** The steps of a run, in the order in which they began. */
export async function readSteps({ supabase, tenantId }: History, runId: string, signal: AbortSignal): Promise<Step[]> {
  return told(await supabase.rpc('read_track_run_steps', { tenant: tenantId, run: runId }).abortSignal(signal)) as Step[]
}

/** Calls back when a run of the tenant has changed, where the project has Realtime. Gives the way to end that. */
export function watchRuns({ supabase, tenantId }: History, onChange: () => void): () => void {
  const channel = supabase.channel(`track_runs:${tenantId}`, { config: { private: true } }).on('broadcast', { event: 'run.changed' }, onChange)
  channel.subscribe()
  return () => void supabase.removeChannel(channel)
}

function told({ data, error }: { readonly data: unknown; readonly error: { readonly message: string; readonly code?: string } | null }): unknown[] {
  if (error) throw new Error(error.message || 'Supabase does not answer.')
  if (!Array.isArray(data)) throw new Error('Who answers there is not Supabase.')
  return data
}

/** A value inside PostgREST's `or=(…)`, where commas and brackets mean something. */
const quoted = (value: string): string => `"${value.replace(/["\\]/g, '\\$&')}"`
