import { describeShape, inputShapeOf } from '../input/schema-places.ts'
import type { Asking } from './verb.ts'

/** What there is to run, with its input. */
export async function list({ load, show }: Asking, { tasks: withTasks = false }: { readonly tasks?: boolean }): Promise<void> {
  const { config, tracks, orchestrators } = await load()
  const { registry } = config
  const all = [
    ...orchestrators.map((definition) => ({ kind: 'orchestrator' as const, name: definition.name, input: inputShapeOf(registry, { kind: 'orchestrator', definition }) })),
    ...tracks.map((definition) => ({ kind: 'track' as const, name: definition.name, input: inputShapeOf(registry, { kind: 'track', definition }) })),
    ...(withTasks ? Object.keys(registry).map((name) => ({ kind: 'task' as const, name, input: inputShapeOf(registry, { kind: 'task', name }) })) : []),
  ]
  show.value(all)
  show.table([{ head: 'Name', wraps: true }, { head: 'Kind' }, { head: 'Input', wraps: true }], all.map(({ name, kind, input }) => [name, kind, input ? describeShape(input) : 'what its mappers take']))
  const count = Object.keys(registry).length
  if (!withTasks) show.line(`\n${count === 1 ? 'A task' : `${count} tasks`} can be run alone: tracks list --tasks`)
}
