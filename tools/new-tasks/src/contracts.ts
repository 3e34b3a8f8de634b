import { defineRegistry, defineTask } from '@track-orchestrator/registry'
import { z } from 'zod'

/** Counts the words of a text. */
export const {{camel}}CountWords = defineTask({
  name: '{{snake}}_count_words',
  description: 'Counts the words of a text.',
  input: z.object({ text: z.string().max(1_000_000), minLetters: z.number().int().min(1).default(1) }),
  output: z.object({ words: z.number().int().min(0) }),
  timeoutMs: 60_000,
})

/** The contracts of {{title}}, by their names. Merge them into yours: `mergeRegistries(tasks, {{camel}}Tasks)`. */
export const {{camel}}Tasks = defineRegistry({ {{snake}}_count_words: {{camel}}CountWords })
