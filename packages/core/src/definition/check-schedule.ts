import { copyJson, DefinitionError, parseBaseFields, withoutBaseFields, type ContractError } from '@track-orchestrator/registry'
import { Cron } from 'croner'
import type { Schedule } from './definition.ts'

/**
 * Throws `DefinitionError` where a schedule never comes, or what it begins could not run: found out at night, it would be too late. `parse` checks the input; what it
 * can only say later is left for then.
 */
export function checkSchedule(where: string, name: string, { cron, timezone = 'UTC', payload }: Schedule, parse: ((input: unknown) => unknown) | undefined): void {
  try {
    if (/^[+-]/.test(timezone)) throw new Error('an offset, which newer versions of Node take')
    new Intl.DateTimeFormat('en', { timeZone: timezone }).resolvedOptions()
  } catch {
    throw new DefinitionError(`${where}: schedule.timezone: there is no time zone ${JSON.stringify(timezone)}. Give its IANA name, such as Europe/Berlin.`)
  }
  const five = `Five fields: minute, hour, day of the month, month, day of the week, such as '0 3 * * *' for every night at three.`
  // Seconds, years and names such as @daily are not known to every server.
  const shown = JSON.stringify(cron.length > 60 ? `${cron.slice(0, 60)}…` : cron)
  const fields = cron.trim().split(/\s+/)
  if (fields.length !== 5) throw new DefinitionError(`${where}: schedule.cron: ${shown} has not five fields. ${five}`)
  const next = isKnownHereOnly(fields) ? 'Trigger.dev knows no W, +, #L, and no ? but for days' : nextOf(cron.trim(), timezone)
  if (typeof next === 'string') throw new DefinitionError(`${where}: schedule.cron: ${shown} cannot be read: ${next}. ${five}`)
  if (!next) throw new DefinitionError(`${where}: schedule.cron: ${shown} never comes: there is no such day.`)
  try {
    parseBaseFields(name, payload)
    const checked = parse?.(withoutBaseFields(copyJson(name, 'input', payload)))
    if (checked instanceof Promise) checked.catch(() => {}) // the run's own check says so
  } catch (thrown) {
    const [issue] = (thrown as ContractError).issues ?? []
    throw new DefinitionError(`${where}: ${['schedule', 'payload', ...(issue?.path ?? [])].join('.')}: ${issue?.message ?? (thrown as Error).message}. Every run that the schedule begins is given this payload: JSON, with tenantId and projectId.`)
  }
}

/** What croner reads, and cron-parser 4 does not, by which Trigger.dev's server reads a schedule. */
function isKnownHereOnly(fields: readonly string[]): boolean {
  return fields.some((field, index) => /[\dL]W|\+|#L/i.test(field) || (field.includes('?') && index !== 2 && index !== 4))
}

/** When it comes next; nothing where never; why it cannot be read. */
function nextOf(cron: string, timezone: string): Date | null | string {
  try {
    return new Cron(cron, { timezone, mode: '5-part' }).nextRun()
  } catch (error) {
    // Days and months are counted from 0 in what it says.
    return (error as Error).message.replace(/^CronPattern: /, '').replace(/^(Invalid value for \w+): -?\d+$/, '$1').replace(/\.+$/, '')
  }
}
