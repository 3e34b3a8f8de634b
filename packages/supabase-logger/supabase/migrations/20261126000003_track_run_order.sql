-- The order of what happened no longer hangs on the clocks of the machines where it happened; and a run that somebody has locked keeps only its own events waiting.

alter table public.track_run_events
  add column writer text, -- which log wrote it, one a process: within it, written_at gives the order
  add column written_at timestamptz, -- by the writer's clock
  add column sent_at timestamptz; -- by the writer's clock: how far that is off ours, received_at shows

create index track_run_events_states on public.track_run_events (tenant_id, run_id)
  where type in ('run.started', 'run.succeeded', 'run.failed', 'run.cancelled');

-- When an event without a writer was made: the first 48 bits of a UUID v7 are milliseconds since 1970 (RFC 9562, section 5.7).
create function public.track_run_event_time(id uuid) returns timestamptz
language sql immutable strict parallel safe set search_path = '' as $$
  select to_timestamp(('x' || left(replace(id::text, '-', ''), 12))::bit(48)::bigint / 1000.0)
$$;

-- The event that says how a run stands. Attempts are in the order in which they began, by the database's clock: an event's own time, put right by
-- what its writer's clock is off. Within an attempt the last event counts: the end wins over the beginning, whatever the clocks say.
create function public.track_run_state(tenant text, run text)
returns table (id uuid, type text, at timestamptz, duration_ms bigint, output_size_bytes bigint, error jsonb)
language sql stable set search_path = '' as $$
  select state.id, state.type, state.at, state.duration_ms, state.output_size_bytes, state.error
  from (
    select event.*, coalesce(max(event.happened_at) filter (where event.type = 'run.started') over (partition by event.writer order by event.happened_at, event.id), event.happened_at) as began_at
    from (
      select one.*, coalesce(one.written_at + min(one.received_at - one.sent_at) over (partition by one.writer), public.track_run_event_time(one.id)) as happened_at
      from public.track_run_events as one
      where one.tenant_id = tenant and one.run_id = run and one.type in ('run.started', 'run.succeeded', 'run.failed', 'run.cancelled')
    ) as event
  ) as state
  order by state.began_at desc, state.happened_at desc, state.id desc
  limit 1
$$;

-- As before, each column is a smallest, a greatest, a count of new rows, or taken from the event that says how the run stands.
create or replace function public.track_runs_follow_events() returns trigger
language plpgsql security definer set search_path = '' set lock_timeout = '2s' as $$
begin
  insert into public.track_runs as run (
    tenant_id, run_id, project_id, user_id, name, kind, status, started_at, ended_at, duration_ms,
    input_size_bytes, output_size_bytes, error, event_count, last_event_id, last_event_at, state_event_id)
  select
    batch.tenant_id, batch.run_id, batch.project_id, batch.user_id, batch.name, batch.kind,
    case state.type when 'run.succeeded' then 'succeeded' when 'run.failed' then 'failed' when 'run.cancelled' then 'cancelled' else 'running' end,
    batch.started_at,
    case when state.type <> 'run.started' then state.at end,
    state.duration_ms, batch.input_size_bytes, state.output_size_bytes, state.error,
    batch.event_count, batch.last_event_id, batch.last_event_at, state.id
  from (
    select
      event.tenant_id, event.run_id,
      min(event.project_id) as project_id,
      min(event.user_id) as user_id,
      min(event.run_name) as name,
      min(event.data ->> 'kind') filter (where event.type = 'run.started') as kind,
      max(event.input_size_bytes) filter (where event.type = 'run.started') as input_size_bytes,
      min(event.at) as started_at,
      max(event.at) as last_event_at,
      count(*) as event_count,
      max(event.id::text collate "C")::uuid as last_event_id,
      bool_or(event.type in ('run.started', 'run.succeeded', 'run.failed', 'run.cancelled')) as has_state
    from stored as event
    group by event.tenant_id, event.run_id
  ) as batch
  left join lateral public.track_run_state(batch.tenant_id, batch.run_id) as state on batch.has_state
  order by batch.tenant_id, batch.run_id -- always locked in this order, so that two batches never wait for each other
  on conflict (tenant_id, run_id) do update set
    project_id = least(run.project_id, excluded.project_id),
    user_id = least(run.user_id, excluded.user_id),
    name = least(run.name, excluded.name),
    kind = least(run.kind, excluded.kind),
    input_size_bytes = greatest(run.input_size_bytes, excluded.input_size_bytes),
    started_at = least(run.started_at, excluded.started_at),
    event_count = run.event_count + excluded.event_count,
    last_event_id = greatest(run.last_event_id, excluded.last_event_id),
    last_event_at = greatest(run.last_event_at, excluded.last_event_at),
    status = case when excluded.state_event_id is null then run.status else excluded.status end,
    ended_at = case when excluded.state_event_id is null then run.ended_at else excluded.ended_at end,
    duration_ms = case when excluded.state_event_id is null then run.duration_ms else excluded.duration_ms end,
    output_size_bytes = case when excluded.state_event_id is null then run.output_size_bytes else excluded.output_size_bytes end,
    error = case when excluded.state_event_id is null then run.error else excluded.error end,
    state_event_id = coalesce(excluded.state_event_id, run.state_event_id),
    updated_at = greatest(run.updated_at + interval '1 microsecond', now()); -- never goes back: readers of a replica see by it what is newer

  -- Looked at once more now that the rows are ours: another batch may have brought events of the same run while we waited for them.
  if exists (select from stored where type in ('run.started', 'run.succeeded', 'run.failed', 'run.cancelled')) then
    update public.track_runs as run set
      status = case state.type when 'run.succeeded' then 'succeeded' when 'run.failed' then 'failed' when 'run.cancelled' then 'cancelled' else 'running' end,
      ended_at = case when state.type <> 'run.started' then state.at end,
      duration_ms = state.duration_ms,
      output_size_bytes = state.output_size_bytes,
      error = state.error,
      state_event_id = state.id
    from (select distinct tenant_id, run_id from stored where type in ('run.started', 'run.succeeded', 'run.failed', 'run.cancelled')) as batch
    cross join lateral public.track_run_state(batch.tenant_id, batch.run_id) as state
    where run.tenant_id = batch.tenant_id and run.run_id = batch.run_id and run.state_event_id is distinct from state.id;
  end if;

  -- What was erased stays so.
  if exists (select from public.track_run_erasures as erasure join stored on erasure.tenant_id = stored.tenant_id) then
    delete from public.track_run_events as event using stored, public.track_run_erasures as erasure
    where event.id = stored.id and erasure.tenant_id = stored.tenant_id
      and (erasure.run_id = stored.run_id or (erasure.run_id = '' and coalesce(stored.received_at - (stored.sent_at - stored.written_at), stored.at) < erasure.erased_at));
    if found then
      update public.track_runs as run set
        event_count = (select count(*) from public.track_run_events as event where event.tenant_id = run.tenant_id and event.run_id = run.run_id)
      where (run.tenant_id, run.run_id) in (select tenant_id, run_id from stored);
      delete from public.track_runs as run where run.event_count = 0 and (run.tenant_id, run.run_id) in (select tenant_id, run_id from stored);
    end if;
  end if;
  return null;
end $$;

-- Steps of a run, in the order in which they began: where each stands now, after retries and resumption. A step runs where it has begun since it last ended.
create or replace view public.track_run_steps with (security_invoker = true) as
  select
    tenant_id, project_id, run_id, path, track, step, task_name, nested,
    case (array_agg(type order by happened_at desc, id desc) filter (where is_state))[1]
      when 'step.succeeded' then 'succeeded' when 'step.failed' then 'failed' when 'step.skipped' then 'skipped' else 'running' end as status,
    max(attempt) as attempt,
    min(at) as started_at,
    (array_agg(case when type <> 'step.started' then at end order by happened_at desc, id desc) filter (where is_state))[1] as ended_at,
    (array_agg(duration_ms order by happened_at desc, id desc) filter (where is_state))[1] as duration_ms,
    max(input_size_bytes) as input_size_bytes,
    (array_agg(output_size_bytes order by happened_at desc, id desc) filter (where is_state))[1] as output_size_bytes,
    case (array_agg(type order by happened_at desc, id desc) filter (where is_state))[1]
      when 'step.succeeded' then null
      when 'step.failed' then (array_agg(error order by happened_at desc, id desc) filter (where is_state))[1]
      else (array_agg(error order by happened_at desc, id desc) filter (where is_state or type = 'step.retrying'))[1] end as error,
    coalesce(bool_or(data -> 'handled' = 'true'), false) as handled, -- it failed, and the track went on
    max((data ->> 'itemCount')::double precision) filter (where jsonb_typeof(data -> 'itemCount') = 'number') as item_count,
    (array_agg((data ->> 'fraction')::double precision order by happened_at desc, id desc) filter (where type = 'step.progress' and jsonb_typeof(data -> 'fraction') = 'number'))[1] as progress,
    min(id::text collate "C")::uuid as first_event_id
  from (
    select
      event.*,
      event.type in ('step.started', 'step.succeeded', 'step.failed', 'step.skipped') as is_state,
      coalesce(event.written_at + min(event.received_at - event.sent_at) over (partition by event.tenant_id, event.run_id, event.writer), public.track_run_event_time(event.id)) as happened_at
    from public.track_run_events as event
    where event.type in ('step.started', 'step.retrying', 'step.progress', 'step.succeeded', 'step.failed', 'step.skipped')
  ) as event
  group by tenant_id, project_id, run_id, path, track, step, task_name, nested
  order by tenant_id, run_id, min(happened_at), first_event_id;

-- All steps of a run in one answer, however many: pages of the view would each be made of all of it.
create function public.read_track_run_steps(tenant text, run text) returns json
language sql stable set search_path = '' as $$
  select coalesce(json_agg(one), '[]') from (select * from public.track_run_steps where tenant_id = tenant and run_id = run) as one
$$;

revoke all on function public.track_run_event_time(uuid), public.track_run_state(text, text), public.read_track_run_steps(text, text) from public, anon, authenticated, service_role;
grant execute on function public.track_run_event_time(uuid), public.read_track_run_steps(text, text) to authenticated, service_role;
