import type { Schedule } from '@track-orchestrator/core'
import { defaultRetry, parseBaseFields } from '@track-orchestrator/registry'
import { schedules, type Task } from '@trigger.dev/sdk'
import { createClient, type ClientDefinitions } from '../client/index.ts'
import { tagOf } from '../crossing/tags.ts'
import { retryOf } from '../registration.ts'

/** The task of Trigger.dev that begins the runs of a track or orchestrator. */
export const scheduleTaskOf = (name: string): string => `${name}-schedule`

/** Registers a schedule: whenever it comes, a run of that name begins, which the schedule's own does not wait for. */
export function registerSchedule(name: string, { cron, timezone = 'UTC', payload }: Schedule): Task<string, any> {
  return schedules.task({
    id: scheduleTaskOf(name),
    cron: { pattern: cron.trim(), timezone },
    retry: retryOf(defaultRetry),
    run: (_time, { ctx }) => beginScheduled(name, payload, ctx.run.id),
  })
}

/** Begins a run of that name: one, however often the run of the schedule is tried. */
export async function beginScheduled(name: string, payload: Schedule['payload'], scheduleRun: string): Promise<{ readonly runId: string }> {
  const { tenantId, projectId } = parseBaseFields(name, payload)
  const tags = [tagOf('tenant', tenantId), tagOf('project', projectId)]
  const { id } = await createClient<ClientDefinitions>().trigger(name as never, payload as never, { idempotencyKey: `scheduled by ${scheduleRun}`, tags })
  return { runId: id }
}
