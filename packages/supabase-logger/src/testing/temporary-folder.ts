import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { onTestFinished } from 'vitest'

/** A folder for the test that asks, gone when it ends. */
export function temporaryFolder(): string {
  const path = mkdtempSync(join(tmpdir(), 'supabase-logger-'))
  onTestFinished(() => rmSync(path, { recursive: true, force: true }))
  return path
}
