import { afterAll, beforeAll, expect, test } from 'vitest'
import { startHistoryProject, type HistoryProject } from './testing/history-project.ts'

// What Supabase's advisor looks at, as queries of our own, by the names of its lints (https://supabase.com/docs/guides/database/database-advisors).

let project: HistoryProject
beforeAll(async () => {
  project = await startHistoryProject()
})
afterAll(() => project.stop())

const inPublic = (column: string) => `${column} = 'public'::regnamespace`
const open = (kind: string, name: string, right: string) => `(has_${kind}_privilege('anon', ${name}, '${right}') or has_${kind}_privilege('authenticated', ${name}, '${right}'))`

/** The lint; what it is to find, made for a moment; and what finds it. */
const lints: readonly (readonly [name: string, bad: string, query: string])[] = [
  [
    'auth_rls_initplan', // it reads the text of a policy, where PostgreSQL has put it into words of its own
    `create policy "one" on track_runs for select to authenticated using (tenant_id = (select auth.jwt() -> 'app_metadata' ->> 'tenant_id'))`,
    `select policyname from pg_policies where schemaname = 'public' and qual ~ 'auth\\.(uid|jwt|role|email)\\(\\)' and lower(qual) !~ 'select\\s+auth\\.(uid|jwt|role|email)\\(\\)'`,
  ],
  [
    'unindexed_foreign_keys',
    'create table one (id int primary key, of int references one)',
    `select conname from pg_constraint where contype = 'f' and ${inPublic('connamespace')}
      and not exists (select from pg_index where indrelid = conrelid and indkey[0] = conkey[1] and indpred is null)`,
  ],
  ['rls_disabled_in_public', 'create table one (id int primary key); grant select on one to anon', `select relname from pg_class where ${inPublic('relnamespace')} and relkind in ('r', 'p') and not relrowsecurity and not relispartition`],
  [
    'rls_enabled_no_policy',
    'create table one (id int primary key); alter table one enable row level security',
    `select relname from pg_class where ${inPublic('relnamespace')} and relrowsecurity and not relispartition and not exists (select from pg_policy where polrelid = pg_class.oid)`,
  ],
  [
    'policy_exists_rls_disabled',
    'create table one (id int primary key); create policy "one" on one using (true)',
    `select relname from pg_class where ${inPublic('relnamespace')} and not relrowsecurity and exists (select from pg_policy where polrelid = pg_class.oid)`,
  ],
  ['multiple_permissive_policies', `create policy "one" on track_runs for select to authenticated using (false)`, `select tablename from pg_policies where schemaname = 'public' and permissive = 'PERMISSIVE' group by tablename, cmd having count(*) > 1`],
  [
    'rls_references_user_metadata',
    `create policy "one" on track_runs for select to authenticated using ((select auth.jwt()) -> 'user_metadata' ->> 'tenant_id' = tenant_id)`,
    `select policyname from pg_policies where schemaname = 'public' and coalesce(qual, '') || coalesce(with_check, '') like '%user_metadata%'`,
  ],
  ['rls_policy_always_true', `create policy "one" on track_runs for insert to authenticated with check (true)`, `select policyname from pg_policies where schemaname = 'public' and cmd <> 'SELECT' and (qual = 'true' or with_check = 'true')`],
  [
    'security_definer_view',
    'create view one as select * from track_runs',
    `select relname from pg_class where ${inPublic('relnamespace')} and relkind = 'v' and not coalesce(reloptions @> array['security_invoker=true'] or reloptions @> array['security_invoker=on'], false)`,
  ],
  ['materialized_view_in_api', 'create materialized view one as select 1 as id; grant select on one to anon', `select relname from pg_class where ${inPublic('relnamespace')} and relkind = 'm' and ${open('table', 'oid', 'select')}`],
  ['function_search_path_mutable', `create function one() returns int language sql as 'select 1'`, `select proname from pg_proc where ${inPublic('pronamespace')} and not coalesce(proconfig @> array['search_path=""'], false)`],
  [
    'security_definer_function_executable',
    `create function one() returns int language sql security definer set search_path = '' as 'select 1'; grant execute on function one() to anon`,
    `select proname from pg_proc where ${inPublic('pronamespace')} and prosecdef and ${open('function', 'oid', 'execute')}`,
  ],
  ['no_primary_key', 'create table one (id int)', `select relname from pg_class where ${inPublic('relnamespace')} and relkind in ('r', 'p') and not exists (select from pg_index where indrelid = pg_class.oid and indisprimary)`],
  [
    'duplicate_index',
    'create index one on track_runs (tenant_id, started_at desc, run_id desc)',
    `select min(indexrelid::regclass::text) from pg_index join pg_class on pg_class.oid = indrelid where ${inPublic('relnamespace')}
      group by indrelid, indkey, indclass, indoption, coalesce(pg_get_expr(indexprs, indrelid), ''), coalesce(pg_get_expr(indpred, indrelid), '') having count(*) > 1`,
  ],
]

test.each(lints)('%s finds nothing here, and what it is there to find', async (_, bad, query) => {
  expect(await project.sql(query)).toEqual([])
  expect(await project.sql(`begin; ${bad}; ${query}; rollback`)).not.toEqual([])
})
