import { defineRegistry, defineTask } from '@track-orchestrator/registry'
import { z } from 'zod'
import type { TrackTaskDefinition } from '../definition/definition.ts'
import { createJournal, createRunner } from '../in-process/index.ts'
import { forRegistry } from '../typed/for-registry.ts'

const text = z.object({ text: z.string() })
const tasks = defineRegistry({ write: defineTask({ name: 'write', input: text, output: text }), publish: defineTask({ name: 'publish', input: text, output: z.object({ published: z.string() }) }) })
export const dayMs = 86_400_000

/** A track that asks for a review, as one process has it. `done` is told of every task as it is done, and of the question. */
export function createAsking(folder: string | undefined, done: (what: string) => void, { onTimeout = 'fail', ending = '' }: { readonly onTimeout?: TrackTaskDefinition['onTimeout']; readonly ending?: string } = {}) {
  const track = forRegistry(tasks).defineTrack({
    name: 'Asking',
    tasks: [
      { taskName: 'write' },
      { approve: 'review', schema: text, timeoutMs: 30 * dayMs, onTimeout, input: (prev) => ({ text: prev.text + ending }) },
      { taskName: 'publish' },
    ],
  })
  const journal = folder === undefined ? undefined : createJournal({ folder })
  const runner = createRunner({
    registry: tasks,
    tracks: [track],
    ...(journal && { journal }),
    handlers: {
      write: ({ text: given }) => (done('write'), { text: `${given}!` }),
      publish: ({ text: given }) => (done('publish'), { published: given }),
    },
    logs: [{ write: (event) => event.type === 'log' && done(event.message), flush: async () => {} }],
  })
  return { runner, track, journal: journal! }
}
