#!/usr/bin/env node
import { readFile } from 'node:fs/promises'
import { startSupabaseLocal } from './start-supabase-local.ts'

const usage = `A Supabase project on this machine, new and empty, until Ctrl+C.

  npx supabase-local [migration.sql ...]   applies the files in this order, then prints what to export
`

const paths = process.argv.slice(2)
const asksForHelp = paths.some((path) => path === '--help' || path === '-h')
const option = paths.find((path) => path.startsWith('-'))
if (asksForHelp || option !== undefined) {
  ;(asksForHelp ? process.stdout : process.stderr).write(asksForHelp ? usage : `There is no option ${option}.\n\n${usage}`)
  process.exit(asksForHelp ? 0 : 2)
}

const stopped = new AbortController()
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.once(signal, () => stopped.abort())
try {
  const migrations = await Promise.all(paths.map((path) => readFile(path, 'utf8')))
  const supabase = await startSupabaseLocal({ migrations, signal: stopped.signal })
  stopped.signal.addEventListener('abort', () => void supabase.stop())
  if (stopped.signal.aborted) await supabase.stop()
  else console.log(`export SUPABASE_URL=${supabase.url}\nexport SUPABASE_SECRET_KEY=${supabase.secretKey}\n# Ctrl+C stops it and deletes the data.`)
} catch (error) {
  if (!stopped.signal.aborted) {
    process.stderr.write(`${(error as Error).message}\n`)
    process.exitCode = 1
  }
}
