import { createRunner } from '@track-orchestrator/core/in-process'
import { defineRegistry, defineTask } from '@track-orchestrator/registry'
import { z } from 'zod'

// What the listings call but do not show: two tasks, and something to run them.

const firstTask = defineTask({ name: 'first_task', input: z.object({ someField: z.string().default('nothing') }), output: z.object({ result: z.string() }) })
const secondTask = defineTask({ name: 'second_task', input: z.object({ someField: z.string() }), output: z.object({ done: z.string() }) })

export const { runTrack, runSingleTask: executeTask } = createRunner({
  registry: defineRegistry({ first_task: firstTask, second_task: secondTask }),
  handlers: { first_task: ({ someField }) => ({ result: someField }), second_task: ({ someField }) => ({ done: `${someField}!` }) },
  defaults: { tenantId: 'tenant123', projectId: 'project456' },
})

/** Trigger.dev's `task()`, as far as the listing goes: it keeps what it was given. */
export function task<Output>(definition: { id: string; run: (payload: any, params: { ctx: any }) => Promise<Output> }) {
  return definition
}
