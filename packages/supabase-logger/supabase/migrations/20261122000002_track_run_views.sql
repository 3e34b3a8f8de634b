-- What people look at. Views read with the rights of whoever asks (security_invoker), and so show a tenant its own rows only.

-- The events of a run, to embed them: select=*,run_events(*)
create function public.run_events(run public.track_runs) returns setof public.track_run_events
language sql stable rows 200 set search_path = '' as $$
  select * from public.track_run_events as event where event.tenant_id = run.tenant_id and event.run_id = run.run_id
$$;

-- Runs, newest first. Ask for a tenant and a project: both lead the index.
create view public.track_runs_newest with (security_invoker = true) as
  select
    tenant_id, project_id, run_id, user_id, name, kind, status, started_at, ended_at, duration_ms,
    input_size_bytes, output_size_bytes, error, event_count, last_event_at
  from public.track_runs
  order by tenant_id, project_id, started_at desc, run_id desc;

-- Steps of a run, in the order in which they began: where each stands now, after retries and resumption.
create view public.track_run_steps with (security_invoker = true) as
  select
    tenant_id, project_id, run_id, path, track, step, task_name, nested,
    case (array_agg(type order by id desc) filter (where type <> 'step.progress'))[1]
      when 'step.succeeded' then 'succeeded' when 'step.failed' then 'failed' when 'step.skipped' then 'skipped' else 'running' end as status,
    max(attempt) as attempt,
    min(at) as started_at,
    (array_agg(case when type in ('step.succeeded', 'step.failed', 'step.skipped') then at end order by id desc) filter (where type <> 'step.progress'))[1] as ended_at,
    (array_agg(duration_ms order by id desc) filter (where type <> 'step.progress'))[1] as duration_ms,
    max(input_size_bytes) as input_size_bytes,
    (array_agg(output_size_bytes order by id desc) filter (where type <> 'step.progress'))[1] as output_size_bytes,
    (array_agg(error order by id desc) filter (where type <> 'step.progress'))[1] as error,
    coalesce(bool_or(data -> 'handled' = 'true'), false) as handled, -- it failed, and the track went on
    max((data ->> 'itemCount')::double precision) filter (where jsonb_typeof(data -> 'itemCount') = 'number') as item_count,
    (array_agg((data ->> 'fraction')::double precision order by id desc) filter (where type = 'step.progress' and jsonb_typeof(data -> 'fraction') = 'number'))[1] as progress,
    min(id::text collate "C")::uuid as first_event_id
  from public.track_run_events
  where type in ('step.started', 'step.retrying', 'step.progress', 'step.succeeded', 'step.failed', 'step.skipped')
  group by tenant_id, project_id, run_id, path, track, step, task_name, nested
  order by tenant_id, run_id, first_event_id;

revoke all on public.track_runs_newest, public.track_run_steps from public, anon, authenticated, service_role;
revoke all on function public.run_events(public.track_runs) from public, anon, authenticated, service_role;
grant select on public.track_runs_newest, public.track_run_steps to authenticated, service_role;
grant execute on function public.run_events(public.track_runs) to authenticated, service_role;
