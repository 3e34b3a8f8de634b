import type { SupabaseClient } from '@supabase/supabase-js'
import type { RunLog } from '@track-orchestrator/core'
import { expectTypeOf, test } from 'vitest'
import { createSupabaseLog } from './create-supabase-log.ts'
import type { Database } from './database.ts'

interface SomebodysDatabase {
  public: { Tables: { notes: { Row: { id: number }; Insert: { id: number }; Update: { id?: number }; Relationships: [] } }; Views: {}; Functions: {} }
}

test('a client of any schema will do', () => {
  type Options = Parameters<typeof createSupabaseLog>[0]
  expectTypeOf<{ client: SupabaseClient }>().toExtend<Options>()
  expectTypeOf<{ client: SupabaseClient<Database> }>().toExtend<Options>()
  expectTypeOf<{ client: SupabaseClient<SomebodysDatabase> }>().toExtend<Options>()
  // @ts-expect-error a key alone is no client
  expectTypeOf<{ client: string }>().toExtend<Options>()
})

test('it is a RunLog', () => {
  expectTypeOf(createSupabaseLog).returns.toExtend<RunLog>()
})
