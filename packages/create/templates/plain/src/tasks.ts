import { forRegistry } from '@track-orchestrator/core'
import { defineRegistry, defineTask, type TaskHandlers } from '@track-orchestrator/registry'
import { z } from 'zod'

// What the tasks are. A task package of somebody else: `mergeRegistries(ownTasks, theirTasks)`, and its handlers below.
const ownTasks = defineRegistry({
  fetch_text: defineTask({ name: 'fetch_text', input: z.object({ url: z.string() }), output: z.object({ text: z.string() }), timeoutMs: 30_000 }),
  // Light work runs inside its track's run on Trigger.dev, and costs none of its own.
  count_words: defineTask({ name: 'count_words', input: z.object({ text: z.string() }), output: z.object({ words: z.number() }), placement: { inline: true } }),
})

export const registry = ownTasks

// Who does them. The compiler says which one is missing, or does not fit its contract.
export const handlers: TaskHandlers<typeof registry> = {
  fetch_text: async ({ url }, { signal }) => ({ text: await (await fetch(url, { signal })).text() }),
  count_words: ({ text }) => ({ words: text.split(/\s+/).filter(Boolean).length }),
}

export const { defineTrack, defineCompositeTrack, defineOrchestrator } = forRegistry(registry)
