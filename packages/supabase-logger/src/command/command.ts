#!/usr/bin/env node
import { existsSync, readFileSync } from 'node:fs'
import { parseArgs } from 'node:util'
import { printable } from '@track-orchestrator/core/console'
import { redact } from '@track-orchestrator/registry'
import { checkLogOptions } from '../log-options.ts'
import { placeMigrations } from './init.ts'
import { foldersWithSetAside, readSetAside, sendSetAside } from './set-aside-again.ts'

const help = `supabase-logger: the run history of Track Orchestrator in a Supabase project

  init [--folder supabase/migrations]   copies the migrations that are not there yet; then: supabase db push
  down                                  prints the SQL that takes everything out of the project again
  set-aside [--spool <folder>]          shows the events that were set aside, and why
  set-aside --send                      sends them again

set-aside looks into the spool of the project at SUPABASE_URL, and sends with SUPABASE_SECRET_KEY (or SUPABASE_SERVICE_ROLE_KEY).
--spool: the spoolFolder that the log was given. --schema: where the tables are (public).`

/** Runs the command. Gives the exit code: 0, 1 where something failed or is left, 2 where it was called wrongly. */
async function run(args: readonly string[]): Promise<number> {
  const { positionals, values } = parseArgs({
    args: [...args],
    allowPositionals: true,
    options: { folder: { type: 'string' }, spool: { type: 'string' }, schema: { type: 'string' }, send: { type: 'boolean' }, help: { type: 'boolean' } },
  })
  if (values.help) return say(help)
  switch (positionals.length === 1 ? positionals[0] : undefined) {
    case 'init':
      for (const { path, wasThere } of placeMigrations({ folder: values.folder ?? 'supabase/migrations', now: Date.now() })) say(`${wasThere ? 'there' : 'new  '} ${path}`)
      return say('Apply them: npx supabase db push')
    case 'down':
      return say(readFileSync(new URL('../../supabase/down/track_runs_down.sql', import.meta.url), 'utf8'))
    case 'set-aside':
      return setAside(values)
    default:
      console.error(help)
      return 2
  }
}

async function setAside({ spool, schema, send = false }: { spool?: string | undefined; schema?: string | undefined; send?: boolean | undefined }): Promise<number> {
  const { SUPABASE_URL: url, SUPABASE_SECRET_KEY: secret, SUPABASE_SERVICE_ROLE_KEY: serviceRole } = process.env
  if (url === undefined) throw new Error('SUPABASE_URL is missing: the address of the project')
  const key = secret ?? serviceRole
  if (send && key === undefined) throw new Error('SUPABASE_SECRET_KEY is missing')
  const { root, client, ...settings } = checkLogOptions({ url, key: key ?? 'none', spoolFolder: spool, schema })
  const folders = existsSync(root) ? foldersWithSetAside(root) : []
  if (folders.length === 0) return say(`Nothing lies aside in ${root}`)
  let left = 0
  for (const folder of folders) {
    if (send) {
      const result = await sendSetAside(client, folder, settings)
      left += result.left
      say(`${folder}: ${result.sent} sent, ${result.left} left`)
    } else {
      const { entries, unreadable } = readSetAside(folder)
      say(`${folder}: ${entries.length} set aside${unreadable > 0 ? `, and ${unreadable} unreadable lines` : ''}`)
      for (const entry of entries) say(`  ${entry.refusedAt}  ${'row' in entry ? `${entry.row.run_id} ${entry.row.type} ${entry.row.id}` : shown(entry.line)}  ${entry.answer}`)
    }
  }
  return left > 0 ? 1 : 0
}

/** What a terminal would obey is shown instead. */
function shown(text: string): string {
  return JSON.stringify(redact(text).slice(0, 80)).replaceAll(/[\u007F-\u009F\u2028\u2029\u202A-\u202E\u2066-\u2069]/g, (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`)
}

function say(text: string): 0 {
  console.log(text)
  return 0
}

run(process.argv.slice(2)).then(
  (code) => (process.exitCode = code),
  (error: unknown) => {
    console.error(printable(`supabase-logger: ${error instanceof Error ? error.message : String(error)}`))
    process.exitCode = (error as NodeJS.ErrnoException).code?.startsWith('ERR_PARSE_ARGS') ? 2 : 1
  },
)
