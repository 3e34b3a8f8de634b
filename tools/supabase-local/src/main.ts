#!/usr/bin/env node
import { readFile } from 'node:fs/promises'
import { startSupabaseLocal } from './start-supabase-local.ts'

// By hand: npm start --workspace @track-orchestrator/supabase-local -- path/to/*.sql
const migrations = await Promise.all(process.argv.slice(2).map((path) => readFile(path, 'utf8')))
const supabase = await startSupabaseLocal({ migrations })
console.log(`export SUPABASE_URL=${supabase.url}\nexport SUPABASE_SECRET_KEY=${supabase.secretKey}\n# Ctrl+C stops it and deletes the data.`)
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.once(signal, () => void supabase.stop())
