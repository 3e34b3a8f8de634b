-- Where the steps of a run stand costs by the number of its events: each is read, put in order and looked at once. Runs of 100,000 steps are read in one answer.

-- The steps of one run, in the order in which they began: where each stands now, after retries and resumption. A step runs where it has begun since it
-- last ended. The order of what happened is by the database's clock: an event's own time, put right by what its writer's clock is off.
create function public.track_run_steps_of(tenant text, run text)
returns table (
  path text, track text, step text, task_name text, nested boolean, status text, attempt integer, started_at timestamptz, ended_at timestamptz,
  duration_ms bigint, input_size_bytes bigint, output_size_bytes bigint, error jsonb, handled boolean, item_count double precision, progress double precision, first_event_id uuid)
language sql stable rows 100 set search_path = '' set work_mem = '64MB' as $$
  with clocks as materialized (
    select event.writer, min(event.received_at - event.sent_at) as behind
    from public.track_run_events as event
    where event.tenant_id = tenant and event.run_id = run
      and event.type in ('step.started', 'step.retrying', 'step.progress', 'step.succeeded', 'step.failed', 'step.skipped')
    group by event.writer
  )
  select
    one.path collate "default", max(one.track collate "C"), max(one.step collate "C"), max(one.task_name collate "C"), bool_or(one.nested),
    case max(one.type) filter (where one.is_last and one.says = 'state')
      when 'step.succeeded' then 'succeeded' when 'step.failed' then 'failed' when 'step.skipped' then 'skipped' else 'running' end,
    max(one.attempt),
    min(one.at),
    max(one.at) filter (where one.is_last and one.says = 'state' and one.type <> 'step.started'),
    max(one.duration_ms) filter (where one.is_last and one.says = 'state'),
    max(one.input_size_bytes),
    max(one.output_size_bytes) filter (where one.is_last and one.says = 'state'),
    case
      when max(one.type) filter (where one.is_last and one.says = 'state') = 'step.succeeded' then null
      -- It runs: with the error of the attempt before, unless it has begun anew since.
      when max(one.type) filter (where one.is_last and one.says = 'state') is distinct from 'step.failed'
        and max(one.happened_at) filter (where one.says = 'retry') >= coalesce(max(one.happened_at) filter (where one.says = 'state'), '-infinity')
        then (array_agg(one.error) filter (where one.is_last and one.says = 'retry' and one.error is not null))[1]
      else (array_agg(one.error) filter (where one.is_last and one.says = 'state' and one.error is not null))[1] end,
    coalesce(bool_or(one.data -> 'handled' = 'true') filter (where one.data <> '{}'), false), -- it failed, and the track went on
    max(case when jsonb_typeof(one.data -> 'itemCount') = 'number' then (one.data ->> 'itemCount')::double precision end) filter (where one.data <> '{}'),
    max((one.data ->> 'fraction')::double precision) filter (where one.is_last and one.says = 'fraction'),
    min(one.id::text collate "C")::uuid as first_id
  from (
    select timed.*, row_number() over (partition by timed.path, timed.says order by timed.happened_at desc, timed.id desc) = 1 as is_last
    from (
      select
        event.id, event.at, event.type, event.path collate "C" as path, event.track, event.step, event.task_name, event.nested, event.attempt,
        event.duration_ms, event.input_size_bytes, event.output_size_bytes, event.error, event.data,
        case
          when event.type = 'step.retrying' then 'retry'
          when event.type <> 'step.progress' then 'state'
          when jsonb_typeof(event.data -> 'fraction') = 'number' then 'fraction' end as says,
        coalesce(event.written_at + clocks.behind, public.track_run_event_time(event.id)) as happened_at
      from public.track_run_events as event left join clocks on clocks.writer = event.writer
      where event.tenant_id = tenant and event.run_id = run
        and event.type in ('step.started', 'step.retrying', 'step.progress', 'step.succeeded', 'step.failed', 'step.skipped')
    ) as timed
  ) as one
  group by one.path
  order by min(one.happened_at), first_id
$$;

-- The same of many runs: to be asked for one of them, or a few.
create or replace view public.track_run_steps with (security_invoker = true) as
  select
    run.tenant_id, run.project_id, run.run_id, steps.path, steps.track, steps.step, steps.task_name, steps.nested, steps.status, steps.attempt, steps.started_at, steps.ended_at,
    steps.duration_ms, steps.input_size_bytes, steps.output_size_bytes, steps.error, steps.handled, steps.item_count, steps.progress, steps.first_event_id
  from public.track_runs as run
  cross join lateral public.track_run_steps_of(run.tenant_id, run.run_id) with ordinality as steps (
    path, track, step, task_name, nested, status, attempt, started_at, ended_at,
    duration_ms, input_size_bytes, output_size_bytes, error, handled, item_count, progress, first_event_id, number)
  order by run.tenant_id, run.run_id, steps.number;

-- All steps of a run in one answer, however many: pages would each be made of all of it.
create or replace function public.read_track_run_steps(tenant text, run text) returns json
language sql stable set search_path = '' as $$
  select coalesce(json_agg(one), '[]') from public.track_run_steps_of(tenant, run) as one
$$;

revoke all on function public.track_run_steps_of(text, text) from public, anon, authenticated, service_role;
grant execute on function public.track_run_steps_of(text, text) to authenticated, service_role;
