import { defineRegistry, defineTask, TerminalError } from '@track-orchestrator/registry'
import { z } from 'zod'
import { createJournal, createRunner } from '../in-process/index.ts'
import type { RunEvent } from '../log/run-event.ts'
import { forRegistry } from '../typed/for-registry.ts'

const draft = z.object({ text: z.string() })
const tasks = defineRegistry({
  begin: defineTask({ name: 'begin', input: draft, output: draft }),
  improve: defineTask({ name: 'improve', input: draft, output: draft }),
  judge: defineTask({ name: 'judge', input: draft, output: draft.extend({ score: z.number() }) }),
  publish: defineTask({ name: 'publish', input: z.looseObject({ text: z.string() }), output: z.object({ published: z.string() }) }),
})

export interface Repeating {
  readonly maxTimes?: number
  /** The score that is enough. */
  readonly enough?: number
  /** Texts that cannot be judged. */
  readonly failing?: readonly string[]
}

/** A track that improves a text until it is good enough, as one process has it. `done` is told of every task as it is done. */
export function createRepeating(folder: string, done: (what: string) => void, { maxTimes = 9, enough = 3, failing = [] }: Repeating = {}) {
  const { defineTrack } = forRegistry(tasks)
  const refining = defineTrack({ name: 'Refining', tasks: [{ taskName: 'improve' }, { taskName: 'judge' }] })
  const asked: string[] = []
  const track = defineTrack({
    name: 'Repeating',
    tasks: [
      { taskName: 'begin' },
      { track: refining, id: 'refine', repeat: { until: ({ text, score }, times) => (asked.push(`${times} ${text}`), score >= enough), maxTimes, next: ({ text }) => ({ text }) } },
      { taskName: 'publish' },
    ],
  })
  const journal = createJournal({ folder })
  const events: RunEvent[] = []
  const runner = createRunner({
    registry: tasks,
    tracks: [track],
    journal,
    handlers: {
      begin: ({ text }) => (done(`begin ${text}`), { text }),
      improve: ({ text }) => (done(`improve ${text}`), { text: `${text}!` }),
      judge: ({ text }) => {
        if (failing.includes(text)) throw new TerminalError('no judgement')
        done(`judge ${text}`)
        return { text, score: text.split('!').length - 1 }
      },
      publish: ({ text }) => (done(`publish ${text}`), { published: text }),
    },
    logs: [{ payloads: true, write: (event) => void events.push(event), flush: async () => {} }],
  })
  return { runner, track, journal, asked, events }
}

/** All that is done, where nothing was before. */
export const repeatingDone = ['begin a', 'improve a', 'judge a!', 'improve a!', 'judge a!!', 'improve a!!', 'judge a!!!', 'publish a!!!'] as const
