-- Deletes what is older than a number of days, a portion a call, and never anything of a run that still runs.
-- By hand, until `more` is false: select * from delete_old_track_runs(90);
-- With the extension pg_cron: select cron.schedule('track-runs', '*/10 * * * *', 'select public.delete_old_track_runs(90)');

-- Not on started_at itself: then whoever lists the runs of a tenant, newest first, might be given this index, and read past those of all others.
create index track_runs_by_age on public.track_runs ((started_at at time zone 'utc'));

drop function public.delete_old_track_runs(integer);

-- Events go by their own age, runs by the age of their last event. A run that somebody works on just now is left for the next call.
-- `portion`: how many events, and how many runs, a call deletes at most. `silent_days`: runs without an end, whose process must have died, go after so many days without an event; without it they stay.
create function public.delete_old_track_runs(
  keep_days integer, portion integer default 10000, silent_days integer default null, out deleted_events bigint, out deleted_runs bigint, out more boolean)
language plpgsql security definer set search_path = '' as $$
declare
  oldest timestamptz := now() - make_interval(days => keep_days);
  silent timestamptz := now() - make_interval(days => greatest(silent_days, keep_days));
  oldest_id uuid;
  run record;
  taken bigint;
begin
  if keep_days is null or keep_days < 1 then
    raise exception 'keep_days is %; give at least 1', keep_days using errcode = 'invalid_parameter_value';
  end if;
  if portion is null or portion < 1 then
    raise exception 'portion is %; give at least 1', portion using errcode = 'invalid_parameter_value';
  end if;
  if silent_days < 1 then
    raise exception 'silent_days is %; give at least 1, or null', silent_days using errcode = 'invalid_parameter_value';
  end if;
  oldest_id := public.track_run_event_id_at(oldest);
  deleted_events := 0;
  deleted_runs := 0;
  more := false;
  for run in
    select one.tenant_id, one.run_id, one.last_event_at < oldest as is_old from public.track_runs as one
    where (one.started_at at time zone 'utc') < (oldest at time zone 'utc')
      and (one.status <> 'running' or (silent_days is not null and one.last_event_at < silent))
      and (one.last_event_at < oldest
        or exists (select from public.track_run_events as event where event.tenant_id = one.tenant_id and event.run_id = one.run_id and event.id < oldest_id))
    order by one.started_at at time zone 'utc'
    limit portion
    for update of one skip locked -- never waits for a writer, and so never in a circle with one
  loop
    delete from public.track_run_events as event where event.id in (
      select one.id from public.track_run_events as one
      where one.tenant_id = run.tenant_id and one.run_id = run.run_id and (run.is_old or one.id < oldest_id)
      order by one.id limit portion - deleted_events
    );
    get diagnostics taken = row_count;
    deleted_events := deleted_events + taken;
    more := deleted_events >= portion;
    exit when more; -- the rest of this run in the next call
    if run.is_old then
      delete from public.track_runs as old where old.tenant_id = run.tenant_id and old.run_id = run.run_id;
      deleted_runs := deleted_runs + 1;
    end if;
  end loop;
  more := more or deleted_runs >= portion;
end $$;

revoke all on function public.delete_old_track_runs(integer, integer, integer) from public, anon, authenticated, service_role;
grant execute on function public.delete_old_track_runs(integer, integer, integer) to service_role;

-- With the optional partitions: a month is dropped only where nothing that still runs has events in it.
do $$
begin
  if to_regprocedure('public.drop_track_run_event_partitions(integer)') is null then
    return;
  end if;
  execute $create$
    create or replace function public.drop_track_run_event_partitions(keep_days integer) returns integer
    language plpgsql security definer set search_path = '' set lock_timeout = '2s' as $function$
    declare
      oldest timestamp := (now() - make_interval(days => keep_days)) at time zone 'utc';
      dropped integer := 0;
      is_needed boolean;
      name text;
    begin
      if keep_days is null or keep_days < 1 then
        raise exception 'keep_days is %; give at least 1', keep_days using errcode = 'invalid_parameter_value';
      end if;
      for name in
        select child.relname from pg_catalog.pg_inherits join pg_catalog.pg_class as child on child.oid = inhrelid
        where inhparent = 'public.track_run_events'::regclass and child.relname ~ '^track_run_events_\d{4}_\d\d$'
        order by child.relname
      loop
        continue when to_timestamp(right(name, 7), 'YYYY_MM')::timestamp + interval '1 month' > oldest;
        execute format('select exists (select from public.track_runs as run where run.status = %L and exists (
          select from public.%I as event where event.tenant_id = run.tenant_id and event.run_id = run.run_id))', 'running', name) into is_needed;
        continue when is_needed;
        execute format('drop table public.%I', name);
        dropped := dropped + 1;
      end loop;
      return dropped;
    end $function$
  $create$;
end $$;
