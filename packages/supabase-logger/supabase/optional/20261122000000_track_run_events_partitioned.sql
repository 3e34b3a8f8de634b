-- Optional, for many millions of events: the events in a partition a month, so that old ones go by dropping a table instead of deleting rows.
-- For a new project: copy this file into supabase/migrations beside the others, before they are applied. It has to run first.
-- Then, with the extension pg_cron, every night:
--   select cron.schedule('track-run-partitions', '0 2 * * *', 'select public.create_track_run_event_partitions(), public.drop_track_run_event_partitions(90)');
-- and delete_old_track_runs as without partitions: it deletes the rows of old runs, and finds few events left to delete.

-- Partitioned by its own key, a UUID v7, which begins with the time: so the key stays unique, and writing an event twice stays harmless.
create table public.track_run_events (
  id uuid primary key,
  tenant_id text not null,
  project_id text not null,
  user_id text,
  run_id text not null,
  run_name text not null,
  sequence integer not null,
  at timestamptz not null,
  type text not null,
  level text not null check (level in ('debug', 'info', 'warn', 'error')),
  track text,
  path text,
  step text,
  task_name text,
  nested boolean,
  attempt integer,
  duration_ms bigint,
  input_size_bytes bigint,
  output_size_bytes bigint,
  message text,
  error jsonb,
  data jsonb not null default '{}',
  received_at timestamptz not null default now()
) partition by range (id);

-- What has no month of its own: events with a clock far off, or when nobody made partitions in time.
create table public.track_run_events_other partition of public.track_run_events default;
alter table public.track_run_events_other enable row level security;
revoke all on public.track_run_events_other from public, anon, authenticated, service_role;

create or replace function public.track_run_event_id_at(moment timestamptz) returns uuid
language sql immutable strict set search_path = '' as $$
  select (lpad(to_hex(floor(extract(epoch from moment) * 1000)::bigint), 12, '0') || repeat('0', 20))::uuid
$$;

-- Makes the partitions of this month and of those to come, where they are missing. Closed to everybody but through the table they belong to.
create function public.create_track_run_event_partitions(months_ahead integer default 3) returns integer
language plpgsql security definer set search_path = '' as $$
declare
  month timestamp := date_trunc('month', now() at time zone 'utc');
  made integer := 0;
  name text;
begin
  for ahead in 0..months_ahead loop
    name := 'track_run_events_' || to_char(month, 'YYYY_MM');
    if to_regclass('public.' || name) is null then
      execute format('create table public.%I partition of public.track_run_events for values from (%L) to (%L)', name,
        public.track_run_event_id_at(month at time zone 'utc'), public.track_run_event_id_at((month + interval '1 month') at time zone 'utc'));
      execute format('alter table public.%I enable row level security', name);
      execute format('revoke all on public.%I from public, anon, authenticated, service_role', name);
      made := made + 1;
    end if;
    month := month + interval '1 month';
  end loop;
  return made;
end $$;

-- Drops the partitions whose last event is older than a number of days.
create function public.drop_track_run_event_partitions(keep_days integer) returns integer
language plpgsql security definer set search_path = '' as $$
declare
  oldest timestamp := (now() - make_interval(days => keep_days)) at time zone 'utc';
  dropped integer := 0;
  name text;
begin
  if keep_days is null or keep_days < 1 then
    raise exception 'keep_days is %; give at least 1', keep_days using errcode = 'invalid_parameter_value';
  end if;
  for name in
    select child.relname from pg_inherits join pg_class as child on child.oid = inhrelid
    where inhparent = 'public.track_run_events'::regclass and child.relname ~ '^track_run_events_\d{4}_\d\d$'
  loop
    if to_timestamp(right(name, 7), 'YYYY_MM')::timestamp + interval '1 month' <= oldest then
      execute format('drop table public.%I', name);
      dropped := dropped + 1;
    end if;
  end loop;
  return dropped;
end $$;

revoke all on function public.create_track_run_event_partitions(integer), public.drop_track_run_event_partitions(integer) from public, anon, authenticated, service_role;
grant execute on function public.create_track_run_event_partitions(integer), public.drop_track_run_event_partitions(integer) to service_role;

select public.create_track_run_event_partitions();
