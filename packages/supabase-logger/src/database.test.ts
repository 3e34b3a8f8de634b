import { expect, expectTypeOf, test } from 'vitest'
import type { Database } from './database.ts'
import type { EventRow } from './event-row.ts'
import { startHistoryProject } from './testing/history-project.ts'
import { renderDatabase } from './testing/render-database.ts'

test('the types of the schema are those that the migrations make', async () => {
  const project = await startHistoryProject()
  try {
    await expect(await renderDatabase(project)).toMatchFileSnapshot('./database.ts')
  } finally {
    await project.stop()
  }
})

test('a row has a column for each of its keys, and says all that is required', () => {
  type Insert = Database['public']['Tables']['track_run_events']['Insert']
  expectTypeOf<keyof EventRow>().toEqualTypeOf<Exclude<keyof Insert, 'received_at'>>()
  expectTypeOf<Omit<EventRow, 'error' | 'data'>>().toExtend<Omit<Insert, 'error' | 'data'>>()
})
