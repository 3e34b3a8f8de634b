import { redact } from '@track-orchestrator/registry'
import type { Notices } from './notices.ts'
import type { SendResult, Verdict } from './verdict.ts'

/** What makes the table of events. */
export const firstMigration = 'supabase/migrations/20261122000001_track_runs.sql'

const meanwhile = 'Meanwhile events are kept on disk, and sent later'

/** Says why rows wait, and what to do, in one line. */
export function tellTrouble(notices: Notices, verdict: Verdict, result: SendResult): void {
  const answer = describeAnswer(result)
  switch (verdict) {
    case 'again':
      return notices.say('unreachable', `Supabase does not take events: ${answer}. ${meanwhile}`)
    case 'credentials':
      return notices.say('credentials_refused', `Supabase refuses the key or token: ${answer}. Give SUPABASE_SERVICE_ROLE_KEY of this project. ${meanwhile}`)
    case 'forbidden':
      return notices.say('write_forbidden', `Supabase lets this key write no events: ${answer}. Writing needs the service role's key. ${meanwhile}`)
    case 'migration':
      return notices.say('migration_missing', `Supabase has no table for events, or an older one: ${answer}. Apply ${firstMigration} and those after it (supabase db push). ${meanwhile}`)
    default:
      return notices.say('batch_refused', `Supabase refuses every event: ${answer}. ${meanwhile}`)
  }
}

/** `503 PGRST000: Database connection error`, on one line and without secrets. */
export function describeAnswer({ status, code, message }: SendResult): string {
  const said = redact(message ?? '').replace(/\s+/g, ' ').trim().slice(0, 200)
  const what = [status === 0 ? 'no answer' : String(status), code].filter(Boolean).join(' ')
  return said === '' ? what : `${what}: ${said}`
}
