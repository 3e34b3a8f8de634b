export { startSupabaseLocal } from './start-supabase-local.ts'
export type { SupabaseLocal, SupabaseLocalOptions } from './start-supabase-local.ts'
export { signToken } from './token.ts'
export type { TokenClaims } from './token.ts'
