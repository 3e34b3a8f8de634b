import type { SupabaseClient } from '@supabase/supabase-js'
import type { Database } from '../database.ts'

/** supabase-js, knowing the schema of the run history. */
export type HistoryClient = SupabaseClient<Database>

/** A client of supabase-js or postgrest-js, of whatever version and whatever schema its types know. */
export interface QueryClient {
  from(relation: string): unknown
}

/** A run of a tenant. */
export interface RunKey {
  readonly tenantId: string
  readonly runId: string
}

/** Rows an answer holds at most: what Supabase projects are set to. */
export const pageSize = 1000
