import { defineTask, type TaskContract } from '@track-orchestrator/registry'
import { z } from 'zod'
import { waitName } from '../definition/definition.ts'
import type { TaskCall } from './engine.ts'

/** A wait is a call like those of tasks, by which it is remembered; but no registry has its task, and no handler does it. */
export const waitContract: TaskContract = defineTask({
  name: waitName,
  input: z.union([z.object({ waitMs: z.number() }), z.object({ until: z.iso.datetime() })]),
  output: z.null(),
})

/** When the wait of a call is over, in milliseconds since 1970. `beganAt`: when it was first begun. */
export function endOfWait({ input }: Pick<TaskCall, 'input'>, beganAt: number): number {
  const time = input as { readonly waitMs: number } | { readonly until: string }
  return 'until' in time ? Date.parse(time.until) : beganAt + time.waitMs
}
