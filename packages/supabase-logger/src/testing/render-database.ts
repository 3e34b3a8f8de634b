import type { SupabaseLocal } from '@track-orchestrator/supabase-local'

interface Column {
  readonly name: string
  readonly type: string
  readonly required: boolean
  readonly defaulted: boolean
}

interface Relation {
  readonly name: string
  readonly kind: 'r' | 'v'
  readonly insertable: boolean
  readonly columns: readonly Column[]
}

const relationsSql = `
  select c.relname as name, case c.relkind when 'v' then 'v' else 'r' end as kind, has_table_privilege('service_role', c.oid, 'insert') as insertable,
    (select jsonb_agg(jsonb_build_object('name', a.attname, 'type', format_type(a.atttypid, a.atttypmod), 'required', a.attnotnull, 'defaulted', a.atthasdef) order by a.attname)
     from pg_attribute a where a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped) as columns
  from pg_class c where c.relnamespace = 'public'::regnamespace and c.relkind in ('r', 'p', 'v') and not c.relispartition order by c.relname`

const types: Readonly<Record<string, string>> = {
  text: 'string',
  uuid: 'string',
  'timestamp with time zone': 'string',
  integer: 'number',
  bigint: 'number',
  'double precision': 'number',
  boolean: 'boolean',
  jsonb: 'Json',
}

/** The source of `database.ts`, in the shape that supabase-js reads, from the schema as it is in the database. */
export async function renderDatabase(supabase: SupabaseLocal): Promise<string> {
  const relations = (await supabase.sql(relationsSql)) as unknown as Relation[]
  const ofKind = (kind: Relation['kind']) => relations.filter((relation) => relation.kind === kind).map(renderRelation).join('\n')
  return `// Generated from the migrations by database.test.ts. To renew: npx vitest run src/database.test.ts -u

export type Json = string | number | boolean | null | { [key: string]: Json | undefined } | Json[]

/** The schema of the run history, for \`createClient<Database>\`. */
export type Database = {
  public: {
    Tables: {
${ofKind('r')}
    }
    Views: {
${ofKind('v')}
    }
    Functions: {
      delete_old_track_runs: { Args: { keep_days: number; portion?: number; silent_days?: number | null }; Returns: { deleted_events: number; deleted_runs: number; more: boolean } }
      erase_track_runs: { Args: { tenant: string; run?: string | null; portion?: number; before?: string }; Returns: { erased_events: number; erased_runs: number; erased_at: string } }
      read_track_run_steps: { Args: { tenant: string; run: string }; Returns: Json }
      store_track_run_events: { Args: { events: Json }; Returns: number }
    }
    Enums: { [name in never]: never }
    CompositeTypes: { [name in never]: never }
  }
}
`
}

function renderRelation({ name, kind, insertable, columns }: Relation): string {
  const typeOf = ({ type, required }: Column) => `${types[type] ?? `never /* ${type} */`}${required ? '' : ' | null'}`
  const row = columns.map((column) => `          ${column.name}: ${typeOf(column)}`)
  const insert = columns.map((column) => `          ${column.name}${column.required && !column.defaulted ? '' : '?'}: ${typeOf(column)}`)
  const block = (title: string, lines: readonly string[]) => [`        ${title}: {`, ...lines, '        }']
  const writable = insertable ? block('Insert', insert) : ['        Insert: Record<string, never>']
  return [
    `      ${name}: {`,
    ...block('Row', row),
    ...(kind === 'r' ? [...writable, '        Update: Record<string, never>'] : []),
    '        Relationships: []',
    '      }',
  ].join('\n')
}
