-- Run history of Track Orchestrator: one row an event, and one row a run that follows from its events.
-- PostgreSQL 15 or newer, on a Supabase project (roles anon, authenticated, service_role; auth.jwt()).

create table if not exists public.track_run_events (
  id uuid primary key, -- UUID v7, made where the event happened: sorts by time, and writing it twice is harmless
  tenant_id text not null,
  project_id text not null,
  user_id text,
  run_id text not null,
  run_name text not null, -- the track or orchestrator that was asked for
  sequence integer not null, -- counts the events of the run within one process, from 1
  at timestamptz not null,
  type text not null, -- run.started, step.succeeded, log, ...
  level text not null check (level in ('debug', 'info', 'warn', 'error')),
  track text,
  path text, -- unique within the run: VoiceConversion/AudioProcessingTrack/2:convert_json_to_srt[3]
  step text,
  task_name text,
  nested boolean, -- the call was made by a handler, below a step
  attempt integer,
  duration_ms bigint,
  input_size_bytes bigint,
  output_size_bytes bigint,
  message text,
  error jsonb,
  data jsonb not null default '{}', -- what else the event holds
  received_at timestamptz not null default now()
);

create index if not exists track_run_events_run on public.track_run_events (tenant_id, run_id, id);
create index if not exists track_run_events_trouble on public.track_run_events (tenant_id, project_id, id desc) where level in ('warn', 'error');

create table public.track_runs (
  tenant_id text not null,
  run_id text not null,
  project_id text not null,
  user_id text,
  name text not null,
  kind text check (kind in ('track', 'orchestrator', 'task')),
  status text not null check (status in ('running', 'succeeded', 'failed', 'cancelled')),
  started_at timestamptz not null,
  ended_at timestamptz,
  duration_ms bigint,
  input_size_bytes bigint,
  output_size_bytes bigint,
  error jsonb,
  event_count bigint not null, -- how many events of the run have ever been stored
  last_event_id uuid not null,
  last_event_at timestamptz not null,
  state_event_id uuid, -- the run.* event that status, ended_at, duration_ms, output_size_bytes and error are from
  updated_at timestamptz not null default now(),
  primary key (tenant_id, run_id)
) with (fillfactor = 80); -- room on the page: a row is updated with every batch of its events

create index track_runs_of_project on public.track_runs (tenant_id, project_id, started_at desc, run_id desc);
create index track_runs_of_tenant on public.track_runs (tenant_id, started_at desc, run_id desc);

-- Brings the rows of runs up to date with the events just stored.
-- Whatever the order, the number of batches and the repetitions in which events come, the row ends up the same:
-- each column is a smallest, a greatest, a count of new rows, or taken from the newest run.* event.
create function public.track_runs_follow_events() returns trigger
language plpgsql security definer set search_path = '' as $$
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
    batch.event_count, batch.last_event_id, batch.last_event_at, batch.state_event_id
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
      (max(event.id::text collate "C") filter (where event.type in ('run.started', 'run.succeeded', 'run.failed', 'run.cancelled')))::uuid as state_event_id
    from stored as event
    group by event.tenant_id, event.run_id
  ) as batch
  left join stored as state on state.id = batch.state_event_id
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
    (status, ended_at, duration_ms, output_size_bytes, error, state_event_id) = (
      select excluded.status, excluded.ended_at, excluded.duration_ms, excluded.output_size_bytes, excluded.error, excluded.state_event_id
      where coalesce(excluded.state_event_id > run.state_event_id, excluded.state_event_id is not null)
      union all
      select run.status, run.ended_at, run.duration_ms, run.output_size_bytes, run.error, run.state_event_id
      where not coalesce(excluded.state_event_id > run.state_event_id, excluded.state_event_id is not null)
    ),
    updated_at = now();
  return null;
end $$;

create trigger track_runs_follow_events after insert on public.track_run_events
  referencing new table as stored
  for each statement execute function public.track_runs_follow_events();

-- Who may do what. Events are added by the service role and changed by nobody; runs change only with their events.
-- A tenant reads its own rows: the claim in app_metadata, which users cannot edit. Wrapped in a sub-select it is read once a query, not once a row.
alter table public.track_run_events enable row level security;
alter table public.track_runs enable row level security;

revoke all on public.track_run_events, public.track_runs from public, anon, authenticated, service_role;
revoke all on function public.track_runs_follow_events() from public, anon, authenticated, service_role;
grant select on public.track_run_events, public.track_runs to authenticated;
grant select, insert on public.track_run_events to service_role;
grant select on public.track_runs to service_role;

create policy "a tenant reads its own events" on public.track_run_events for select to authenticated
  using (tenant_id = (select auth.jwt() -> 'app_metadata' ->> 'tenant_id'));
create policy "a tenant reads its own runs" on public.track_runs for select to authenticated
  using (tenant_id = (select auth.jwt() -> 'app_metadata' ->> 'tenant_id'));
