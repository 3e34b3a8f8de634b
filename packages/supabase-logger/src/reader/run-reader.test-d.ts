import { createClient } from '@supabase/supabase-js'
import { expectTypeOf, test } from 'vitest'
import type { Database } from '../database.ts'
import { createRealtimeChanges } from './run-changes.ts'
import { createRunReader } from './run-reader.ts'

interface Column {
  Row: { id: number }
  Insert: { id: number }
  Update: { id: number }
  Relationships: []
}
type Other = { public: { Tables: { notes: Column }; Views: { [name in never]: never }; Functions: { [name in never]: never } } }

test('a reader takes a client whatever schema it knows', () => {
  expectTypeOf(createRunReader).toBeCallableWith(createClient('', ''))
  expectTypeOf(createRunReader).toBeCallableWith(createClient<Database>('', ''))
  expectTypeOf(createRunReader).toBeCallableWith(createClient<Other>('', ''), { changes: createRealtimeChanges(createClient<Other>('', '')) })
})

test('a reader takes nothing else', () => {
  // @ts-expect-error: a URL is no client
  expectTypeOf(createRunReader).toBeCallableWith('https://example.supabase.co')
})

test('the schema types serve supabase-js', () => {
  const rows = createClient<Database>('', '').from('track_runs').select('run_id, event_count, ended_at')
  type Data = NonNullable<Awaited<typeof rows>['data']>[number]
  expectTypeOf<Data>().toEqualTypeOf<{ run_id: string; event_count: number; ended_at: string | null }>()
})
