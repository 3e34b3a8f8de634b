import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import type { RunEvent } from '@track-orchestrator/core'
import { exampleEvents } from '@track-orchestrator/core/testing'
import type { SupabaseLocal } from '@track-orchestrator/supabase-local'
import { expect } from 'vitest'
import { createSupabaseLog } from '../create-supabase-log.ts'
import type { SupabaseLogOptions } from '../log-options.ts'
import type { LogNotice } from '../writer/notices.ts'
import { temporaryFolder } from './temporary-folder.ts'

/** A log on the local Supabase with a spool of its own, and what it says. */
export function openLog(supabase: Pick<SupabaseLocal, 'url' | 'secretKey'>, options: SupabaseLogOptions = {}) {
  const spoolFolder = options.spoolFolder ?? temporaryFolder()
  const notices: LogNotice[] = []
  const log = createSupabaseLog({ url: supabase.url, key: supabase.secretKey, intervalMs: 20, onNotice: (notice) => notices.push(notice), ...options, spoolFolder })
  /** The folder of the project, shared by all who log to it. */
  const spool = () => join(spoolFolder, readdirSync(spoolFolder)[0]!)
  return { log, notices, spoolFolder, spool, codes: () => notices.map(({ code }) => code) }
}

export const saidSomething = (notices: readonly LogNotice[]) => expect.poll(() => notices.length).toBeGreaterThan(0)

/** An event of a run: a line of its log, unless `body` says otherwise. */
export const eventOf = (runId: string, sequence: number, body: object = {}): RunEvent => ({
  ...exampleEvents(runId)[0]!,
  sequence,
  ...({ type: 'log', level: 'info', message: `${sequence}`, ...body } as object),
})

/** The ids of the events that are stored of a run, in the order in which they came. */
export const idsOf = async ({ sql }: Pick<SupabaseLocal, 'sql'>, runId: string) =>
  (await sql('select id from track_run_events where run_id = $1 order by received_at, sequence', [runId])).map(({ id }) => id)
