-- Erases a run, or all runs of a tenant. What is erased stays so, also where a worker still has events of it on its disk.

create table public.track_run_erasures (
  tenant_id text not null,
  run_id text not null, -- empty: the whole tenant
  erased_at timestamptz not null default now(),
  primary key (tenant_id, run_id)
);

alter table public.track_run_erasures enable row level security;
create policy "nobody reads what was erased" on public.track_run_erasures for all to anon, authenticated using (false);
revoke all on public.track_run_erasures from public, anon, authenticated, service_role;

-- Erases a portion: to be called until nothing was erased. From the first call on, new events of the run are kept out, or, for a tenant, those written
-- before it, which is what `erased_at` says; the next calls are given that as `before`. Waits for writers at work on the same runs, for two seconds at most.
create function public.erase_track_runs(
  tenant text, run text default null, portion integer default 10000, before timestamptz default now(),
  out erased_events bigint, out erased_runs bigint, out erased_at timestamptz)
language plpgsql security definer set search_path = '' set lock_timeout = '2s' as $$
begin
  if coalesce(tenant, '') = '' or run = '' or coalesce(portion, 0) < 1 or before is null or before > now() then
    raise exception 'give a tenant; a run, or null for all; a portion of at least 1; and a moment that is past' using errcode = 'invalid_parameter_value';
  end if;
  erased_at := before;
  insert into public.track_run_erasures as erasure (tenant_id, run_id, erased_at) values (tenant, coalesce(run, ''), before)
  on conflict (tenant_id, run_id) do update set erased_at = greatest(erasure.erased_at, excluded.erased_at);

  delete from public.track_run_events as event where event.id in (
    select one.id from public.track_run_events as one
    where one.tenant_id = tenant and (one.run_id = run or (run is null and one.received_at < before)) limit portion
  );
  get diagnostics erased_events = row_count;
  delete from public.track_runs as old where (old.tenant_id, old.run_id) in (
    select one.tenant_id, one.run_id from public.track_runs as one
    where one.tenant_id = tenant and (run is null or one.run_id = run)
      and not exists (select from public.track_run_events as event where event.tenant_id = one.tenant_id and event.run_id = one.run_id)
    order by one.tenant_id, one.run_id -- as writers lock them
    limit portion for update
  );
  get diagnostics erased_runs = row_count;
end $$;

revoke all on function public.erase_track_runs(text, text, integer, timestamptz) from public, anon, authenticated, service_role;
grant execute on function public.erase_track_runs(text, text, integer, timestamptz) to service_role;
