-- The way in for events: one call a batch. A trigger of the project's own may fail for a row with a code that PostgREST takes for a race between
-- transactions (40001). PostgREST would then try the same again for ever, on a connection that nobody else gets: ten such requests, and the project's
-- API answers nothing more. Here the code is put into other words before it gets there.

-- Stores events that are not there yet, and gives how many those were. `events`: a list of objects, keys as columns of track_run_events. Fails as a
-- whole where one of them cannot be stored; with 42703 for a key that is no column. Nothing is stored of an empty list: who may write can so ask whether all is well.
create function public.store_track_run_events(events json) returns bigint
language plpgsql set search_path = '' as $$
declare
  strange text;
  stored bigint;
begin
  select key into strange from json_array_elements(events) as event, json_object_keys(event) as key
  where key not in (select attname::text from pg_catalog.pg_attribute where attrelid = 'public.track_run_events'::regclass and attnum > 0 and not attisdropped)
  limit 1;
  if found then
    raise exception 'column "%" of relation "track_run_events" does not exist', strange using errcode = 'undefined_column';
  end if;
  set constraints all immediate; -- what a constraint trigger says at the end of the transaction would be said behind our back
  insert into public.track_run_events (
    id, tenant_id, project_id, user_id, run_id, run_name, sequence, at, type, level, track, path, step, task_name, nested, attempt,
    duration_ms, input_size_bytes, output_size_bytes, message, error, data, writer, written_at, sent_at)
  select
    id, tenant_id, project_id, user_id, run_id, run_name, sequence, at, type, level, track, path, step, task_name, nested, attempt,
    duration_ms, input_size_bytes, output_size_bytes, message, error, coalesce(data, '{}'), writer, written_at, sent_at
  from json_populate_recordset(null::public.track_run_events, events)
  on conflict (id) do nothing;
  get diagnostics stored = row_count;
  return stored;
exception when transaction_rollback then -- and all others of its class, 40
  raise exception '% (SQLSTATE %)', sqlerrm, sqlstate using errcode = '40X01';
end $$;

revoke all on function public.store_track_run_events(json) from public, anon, authenticated, service_role;
grant execute on function public.store_track_run_events(json) to service_role;
