import type { TrackDefinition } from '@track-orchestrator/core'
import { createRunner } from '@track-orchestrator/core/in-process'
import { defineRegistry, defineTask } from '@track-orchestrator/registry'
import { z } from 'zod'
import { compare } from './compare.ts'
import type { Measurement } from './measurement.ts'

const length = 100
const schema = z.object({ n: z.number(), text: z.string() })
const payload = { tenantId: 't', projectId: 'p', n: 1, text: 'x' }
const track = (taskName: string): TrackDefinition => ({ name: 'Chain', tasks: Array.from({ length }, (_, index) => ({ taskName, id: `${index}` })) })

/** A linear chain of 100 no-op steps against an `await` loop, with and without zod on both sides. */
export async function measureChain(): Promise<Measurement[]> {
  const tasks = defineRegistry({
    raw: defineTask({ name: 'raw', input: z.any(), output: z.any() }),
    checked: defineTask({ name: 'checked', input: schema, output: schema }),
  })
  const noop = async (input: { n: number; text: string }) => input
  const runner = createRunner({ registry: tasks, handlers: { raw: noop, checked: noop } })
  const raw = track('raw')
  const checked = track('checked')
  return [
    await compare({
      name: 'chain of 100 steps, nothing validated',
      limit: 4,
      units: length,
      bare: async () => {
        let value = { n: 1, text: 'x' }
        for (let index = 0; index < length; index++) value = await noop(value)
        return value
      },
      ours: () => runner.runTrack(raw, payload),
    }),
    await compare({
      name: 'chain of 100 steps, zod on both sides',
      limit: 3,
      units: length,
      bare: async () => {
        let value = { n: 1, text: 'x' }
        for (let index = 0; index < length; index++) value = schema.parse(await noop(schema.parse(value)))
        return value
      },
      ours: () => runner.runTrack(checked, payload),
    }),
  ]
}
