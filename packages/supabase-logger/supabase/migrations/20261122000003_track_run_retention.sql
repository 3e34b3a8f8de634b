-- Deletes what is older than a number of days. By hand: select * from delete_old_track_runs(90);
-- Every night, with the extension pg_cron: select cron.schedule('track-runs', '0 3 * * *', 'select public.delete_old_track_runs(90)');

-- The smallest UUID v7 of a moment: its first 48 bits are milliseconds since 1970 (RFC 9562, section 5.7).
create or replace function public.track_run_event_id_at(moment timestamptz) returns uuid
language sql immutable strict set search_path = '' as $$
  select (lpad(to_hex(floor(extract(epoch from moment) * 1000)::bigint), 12, '0') || repeat('0', 20))::uuid
$$;

-- Events go by their own age, runs by the age of their last event.
create function public.delete_old_track_runs(keep_days integer, out deleted_events bigint, out deleted_runs bigint)
language plpgsql security definer set search_path = '' as $$
declare
  oldest timestamptz := now() - make_interval(days => keep_days);
begin
  if keep_days is null or keep_days < 1 then
    raise exception 'keep_days is %; give at least 1', keep_days using errcode = 'invalid_parameter_value';
  end if;
  delete from public.track_run_events where id < public.track_run_event_id_at(oldest);
  get diagnostics deleted_events = row_count;
  delete from public.track_runs where last_event_at < oldest;
  get diagnostics deleted_runs = row_count;
end $$;

revoke all on function public.track_run_event_id_at(timestamptz), public.delete_old_track_runs(integer) from public, anon, authenticated, service_role;
grant execute on function public.delete_old_track_runs(integer) to service_role;
