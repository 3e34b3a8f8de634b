import { DefinitionError } from '@track-orchestrator/registry'
import { checkOptions, flag, oneOf, retryPolicy, shape, text, wholeNumber } from '@track-orchestrator/registry/options'
import type { Overrides } from './world.ts'

/** Trigger.dev's machines (https://trigger.dev/docs/machines). */
const machines = ['micro', 'small-1x', 'small-2x', 'medium-1x', 'medium-2x', 'large-1x', 'large-2x'] as const

/** Checks what is said of one task, track or orchestrator. Throws `DefinitionError` for what cannot be, and for what would have no effect. */
export function checkOverride(owner: string, override: Overrides, isTask: boolean): Overrides {
  const checked = checkOptions<Overrides>(owner, override, {
    machine: oneOf(...machines),
    queue: shape({ name: text({ maxLength: 128 }), concurrencyLimit: wholeNumber({ from: 1 }) }),
    concurrencyKey: oneOf('tenantId', 'projectId', 'userId'),
    maxDurationSeconds: wholeNumber({ from: 5 }),
    retry: retryPolicy,
    inline: flag,
  }) as Overrides
  if (isTask) return checked
  if (checked.retry) throw new DefinitionError(`${owner}.retry has no effect: a track or orchestrator is not tried again as a whole. Give retry to its steps, or to its tasks.`)
  if (checked.inline !== undefined) throw new DefinitionError(`${owner}.inline has no effect: tasks can run inside another run, tracks and orchestrators cannot. Give it to the tasks.`)
  if (checked.concurrencyKey) throw new DefinitionError(`${owner}.concurrencyKey has no effect: it is honoured where a track calls a task. Give it to the task.`)
  return checked
}
