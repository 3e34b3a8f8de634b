import type { SupabaseClient } from '@supabase/supabase-js'
import type { Database } from '../database.ts'

/** supabase-js, knowing the schema of the run history. */
export type HistoryClient = SupabaseClient<Database>

/** A client of supabase-js or postgrest-js, of whatever version and whatever schema its types know. */
export interface QueryClient {
  from(relation: string): unknown
  rpc(name: string, args?: never): unknown
  schema(name: never): unknown
}

/** A run of a tenant. */
export interface RunKey {
  readonly tenantId: string
  readonly runId: string
}

/** Rows asked for at once. An answer may hold fewer, though there are more: as many as the project's settings let through, 1,000 by default. */
export const pageSize = 1000
