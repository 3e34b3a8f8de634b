// A process that logs, for tests that need one of its own. Its task comes as JSON in the first argument.
import { openSync, writeSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'
import { exampleEvents } from '@track-orchestrator/core/testing'
import { createSupabaseLog } from '../create-supabase-log.ts'
import type { SupabaseLogOptions } from '../log-options.ts'

/** What the process does before it ends, or is ended. */
export interface LoggingTask {
  readonly options: SupabaseLogOptions
  /** Runs of 14 events each. */
  readonly runs: number
  /** Every id goes here once `write` is back. */
  readonly ledger: string
  /** Milliseconds between runs. */
  readonly pauseMs?: number
  /** At the end: `close` the log, `stay` until killed, or just `end`. */
  readonly atEnd: 'close' | 'stay' | 'end'
}

const { options, runs, ledger, pauseMs, atEnd } = JSON.parse(process.argv[2]!) as LoggingTask
const log = createSupabaseLog(options)
const file = openSync(ledger, 'a')
for (let run = 0; run < runs; run++) {
  const events = exampleEvents()
  for (const event of events) log.write(event)
  writeSync(file, events.map(({ id }) => `${id}\n`).join(''))
  if (pauseMs !== undefined) await sleep(pauseMs)
}
if (atEnd === 'close') await log.close(60_000)
if (atEnd === 'stay') setInterval(() => undefined, 1_000)
