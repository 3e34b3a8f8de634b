-- Takes the run history out of a project again, with everything that was stored. Run it once, as the owner of the schema public.

do $$
begin
  if to_regclass('realtime.messages') is not null then
    execute 'drop policy if exists "a tenant hears of its own track runs" on realtime.messages';
  end if;
end $$;

drop view if exists public.track_run_steps, public.track_runs_newest;
drop function if exists public.run_events(public.track_runs), public.track_run_steps_of(text, text);
drop table if exists public.track_run_events, public.track_runs, public.track_run_erasures;
drop function if exists public.track_runs_follow_events(), public.broadcast_track_run(), public.track_run_state(text, text), public.read_track_run_steps(text, text), public.store_track_run_events(json);
drop function if exists public.delete_old_track_runs(integer), public.delete_old_track_runs(integer, integer, integer), public.erase_track_runs(text, text, integer, timestamptz);
drop function if exists public.create_track_run_event_partitions(integer), public.drop_track_run_event_partitions(integer);
drop function if exists public.track_run_event_time(uuid), public.track_run_event_id_at(timestamptz);
