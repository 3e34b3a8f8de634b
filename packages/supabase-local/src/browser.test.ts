import { afterAll, beforeAll, expect, test } from 'vitest'
import { startSupabaseLocal, type SupabaseLocal } from './index.ts'

let supabase: SupabaseLocal
beforeAll(async () => {
  supabase = await startSupabaseLocal({ migrations: ['create table notes (id int); grant select on notes to anon'] })
})
afterAll(() => supabase.stop())

const ofAPage = { origin: 'http://localhost:3000' }

test('a page of any origin may ask: the browser is told so before, without a key, and can read what comes, an error too', async () => {
  const asked = { 'access-control-request-method': 'GET', 'access-control-request-headers': 'apikey,authorization,x-client-info' }
  const before = await fetch(`${supabase.url}/rest/v1/notes`, { method: 'OPTIONS', headers: { ...ofAPage, ...asked } })
  expect([before.ok, before.headers.get('access-control-allow-origin')]).toEqual([true, '*'])
  expect(before.headers.get('access-control-allow-headers')?.toLowerCase()).toContain('apikey')
  expect(before.headers.get('access-control-allow-methods')).toContain('GET')
  for (const [key, status] of [[supabase.anonKey, 200], ['nonsense', 401]] as const) {
    const answer = await fetch(`${supabase.url}/rest/v1/notes`, { headers: { ...ofAPage, apikey: key } })
    expect([answer.status, answer.headers.get('access-control-allow-origin')]).toEqual([status, '*'])
  }
})
