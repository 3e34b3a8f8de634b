import type { SupabaseLocal } from '@track-orchestrator/supabase-local'

/** How many tenants, each with how many projects, the runs of `addManyRuns` are spread over. */
export const spread = { tenants: 50, projects: 20 } as const

/** Puts this many finished runs into the database, a second apart, of tenants `t0`, `t1`, ... and projects `p0`, `p1`, ... */
export async function addManyRuns(supabase: SupabaseLocal, count: number): Promise<void> {
  await supabase.sql(`
    alter table track_runs disable trigger user;
    insert into track_runs (tenant_id, run_id, project_id, name, kind, status, started_at, ended_at, duration_ms, event_count, last_event_id, last_event_at)
    select 't' || n % ${spread.tenants}, 'run_' || n, 'p' || n / ${spread.tenants} % ${spread.projects}, 'Track', 'track', case when n % 10 = 0 then 'failed' else 'succeeded' end,
      at, at + interval '1 s', 1000, 10, track_run_event_id_at(at), at
    from generate_series(1, ${count}) as n, lateral (select timestamptz '2026-01-01' + n * interval '1 s' as at) as moment;
    alter table track_runs enable trigger user`)
  await supabase.sql('vacuum analyze track_runs')
}

/** Puts this many events into the database, ten a run, without making the runs' rows. */
export async function addManyEvents(supabase: SupabaseLocal, count: number): Promise<void> {
  await supabase.sql(`
    alter table track_run_events disable trigger user;
    insert into track_run_events (id, tenant_id, project_id, run_id, run_name, sequence, at, type, level, track, path, step, task_name, attempt, duration_ms)
    select (left(track_run_event_id_at(at)::text, 14) || '7' || substr(md5(n::text), 1, 3) || '-8' || substr(md5(n::text), 4, 3) || '-' || substr(md5(n::text), 7, 12))::uuid,
      't' || run % ${spread.tenants}, 'p' || run / ${spread.tenants} % ${spread.projects}, 'run_' || run, 'Track', n % 10 + 1, at,
      case when n % 2 = 0 then 'step.started' else 'step.succeeded' end, 'info', 'Track', 'Track/' || n % 10 / 2 || ':step', 'step', 'task', 1, 100
    from generate_series(10, ${count} + 9) as n, lateral (select n / 10 as run, timestamptz '2026-01-01' + n * interval '100 ms' as at) as moment;
    alter table track_run_events enable trigger user`)
  await supabase.sql('vacuum analyze track_run_events')
}

/** Puts a run of tenant `t` with this many steps into the database, three events each, told by eight writers whose clocks differ. */
export async function addSteps(supabase: SupabaseLocal, runId: string, count: number): Promise<void> {
  await supabase.sql(`
    alter table track_run_events disable trigger user;
    insert into track_run_events (
      id, tenant_id, project_id, run_id, run_name, sequence, at, type, level, track, path, step, task_name, nested, attempt, duration_ms, data, writer, written_at, sent_at, received_at)
    select (left(track_run_event_id_at(at)::text, 14) || '7' || substr(hash, 1, 3) || '-8' || substr(hash, 4, 3) || '-' || substr(hash, 7, 12))::uuid,
      't', 'p', '${runId}', 'Track', n, at, (array['step.started', 'step.progress', 'step.succeeded'])[n % 3 + 1], 'info', 'Track', 'Track/' || n / 3, 'step-' || n / 3, 'task', false, 1, 100,
      case n % 3 when 1 then '{"fraction":0.5}' else '{}' end::jsonb, 'writer-' || n % 8, at + n % 8 * interval '1 min', at + n % 8 * interval '1 min' + interval '1 s', at + interval '1.01 s'
    from generate_series(0, ${count} * 3 - 1) as n, lateral (select timestamptz '2026-01-01' + n * interval '1 ms' as at, md5('${runId}' || n) as hash) as one;
    alter table track_run_events enable trigger user;
    insert into track_runs (tenant_id, run_id, project_id, name, kind, status, started_at, event_count, last_event_id, last_event_at)
    select tenant_id, run_id, project_id, run_name, 'track', 'running', min(at), count(*), max(id::text)::uuid, max(at) from track_run_events where tenant_id = 't' and run_id = '${runId}' group by 1, 2, 3, 4`)
  await supabase.sql('vacuum analyze track_run_events')
}
