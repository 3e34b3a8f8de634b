import { forRegistry } from '@track-orchestrator/core'
import { createRunner } from '@track-orchestrator/core/in-process'
import { defineRegistry, defineTask } from '@track-orchestrator/registry'
import { z } from 'zod'

// What the tasks are: a name, what goes in, what comes out.
const fetchText = defineTask({ name: 'fetch_text', input: z.object({ url: z.string() }), output: z.object({ text: z.string() }) })
const countWords = defineTask({ name: 'count_words', input: z.object({ text: z.string() }), output: z.object({ words: z.number() }) })
const tasks = defineRegistry({ fetch_text: fetchText, count_words: countWords })

// What happens, as data. The compiler checks that each step fits what comes before it.
const { defineTrack } = forRegistry(tasks)
const wordCountTrack = defineTrack({ name: 'WordCountTrack', tasks: [{ taskName: 'fetch_text' }, { taskName: 'count_words' }] })

// Who does it, and where: here, in this process.
const runner = createRunner({
  registry: tasks,
  handlers: {
    fetch_text: async ({ url }, { signal }) => ({ text: await (await fetch(url, { signal })).text() }),
    count_words: ({ text }) => ({ words: text.split(/\s+/).filter(Boolean).length }),
  },
})

const { words } = await runner.runTrack(wordCountTrack, { tenantId: 'tenant123', projectId: 'project456', url: 'data:text/plain,to be or not to be' })
console.log(`${words} words`)
