-- Tells subscribers that a run has changed, over Supabase Realtime (broadcast, private topic track_runs:<tenant>).
-- Where there is no Realtime, nothing happens. The message holds no error and no payload: whoever wants more reads the row.

create function public.broadcast_track_run() returns trigger
language plpgsql security definer set search_path = '' as $$
begin
  if to_regprocedure('realtime.send(jsonb,text,text,boolean)') is null then
    return null;
  end if;
  execute 'select realtime.send($1, $2, $3, true)' using
    jsonb_build_object('runId', new.run_id, 'projectId', new.project_id, 'name', new.name, 'status', new.status, 'eventCount', new.event_count),
    'run.changed',
    'track_runs:' || new.tenant_id;
  return null;
exception when others then
  raise warning 'track_runs: not broadcast: %', sqlerrm; -- history comes before news of it
  return null;
end $$;

revoke all on function public.broadcast_track_run() from public, anon, authenticated, service_role;

create trigger broadcast_track_run after insert or update on public.track_runs
  for each row execute function public.broadcast_track_run();

do $$
begin
  if to_regclass('realtime.messages') is not null and to_regprocedure('realtime.topic()') is not null then
    execute $policy$
      create policy "a tenant hears of its own track runs" on realtime.messages for select to authenticated
        using (realtime.topic() = 'track_runs:' || (select auth.jwt() -> 'app_metadata' ->> 'tenant_id'))
    $policy$;
  end if;
end $$;
