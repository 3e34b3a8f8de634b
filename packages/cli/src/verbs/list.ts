import { formatDuration } from '@track-orchestrator/core/console'
import { costsText } from '@track-orchestrator/registry'
import type { TracksConfig } from '../config/define-config.ts'
import { describeShape, inputShapeOf } from '../input/schema-places.ts'
import type { Asking } from './verb.ts'

/** What there is to run, with its input, when it begins by itself, and how much it may spend. */
export async function list({ load, show }: Asking, { tasks: withTasks = false }: { readonly tasks?: boolean }): Promise<void> {
  const { config, tracks, orchestrators } = await load()
  const { registry } = config
  const all = [
    ...orchestrators.map((definition) => ({ kind: 'orchestrator' as const, name: definition.name, input: inputShapeOf(registry, { kind: 'orchestrator', definition }), schedule: definition.schedule })),
    ...tracks.map((definition) => ({ kind: 'track' as const, name: definition.name, input: inputShapeOf(registry, { kind: 'track', definition }), schedule: definition.schedule })),
    ...(withTasks ? Object.keys(registry).map((name) => ({ kind: 'task' as const, name, input: inputShapeOf(registry, { kind: 'task', name }), schedule: undefined })) : []),
  ]
  show.value(all)
  const isScheduled = all.some(({ schedule }) => schedule)
  const rows = all.map(({ name, kind, input, schedule }) => [name, kind, ...(isScheduled ? [schedule ? `${schedule.cron} ${schedule.timezone ?? 'UTC'}` : ''] : []), input ? describeShape(input) : 'what its mappers take'])
  show.table([{ head: 'Name', wraps: true }, { head: 'Kind' }, ...(isScheduled ? [{ head: 'Begins at', wraps: true }] : []), { head: 'Input', wraps: true }], rows)
  if (isScheduled) show.line('\nOnly on Trigger.dev does anything begin by itself.')
  for (const line of limitLines(config)) show.line(`\n${line}`)
  const count = Object.keys(registry).length
  if (!withTasks) show.line(`\n${count === 1 ? 'A task' : `${count} tasks`} can be run alone: tracks list --tasks`)
}

function limitLines({ limits: { cost, tenantCost, tenantWindowMs } = {} }: TracksConfig): string[] {
  const window = tenantWindowMs === undefined ? '' : ` within ${formatDuration(tenantWindowMs)}`
  return [...(cost ? [`A run may spend ${costsText(cost)}.`] : []), ...(tenantCost ? [`All runs of a tenant may spend ${costsText(tenantCost)}${window}.`] : [])]
}
