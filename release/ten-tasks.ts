// Ten things that a stranger, or an agent, is asked to do with what npm installed. Each is tried wrongly first: what is said then names what is to be
// done instead, and doing that is enough.

export interface StrangersTask {
  readonly asked: string
  /** As it is written at first: a program, or the arguments of `tracks`. */
  readonly first: Attempt
  /** What is said then. */
  readonly told: RegExp
  /** With what was said heeded. */
  readonly then: Attempt
  readonly done: RegExp
}

/** A program of TypeScript, or the arguments of the `tracks` command. */
type Attempt = string | readonly string[]

const tasks = `
import { forRegistry } from '@track-orchestrator/core'
import { createJournal, createRunner } from '@track-orchestrator/core/in-process'
import { defineRegistry, defineTask } from '@track-orchestrator/registry'
import { z } from 'zod'

export const tasks = defineRegistry({
  split_words: defineTask({ name: 'split_words', input: z.object({ text: z.string() }), output: z.object({ words: z.array(z.string()) }) }),
  measure: defineTask({ name: 'measure', input: z.object({ word: z.string() }), output: z.object({ length: z.number() }), retry: { maxAttempts: 1 } }),
  report: defineTask({ name: 'report', input: z.object({ lengths: z.array(z.number()) }), output: z.object({ report: z.string() }) }),
})
export const { defineTrack, defineOrchestrator } = forRegistry(tasks)
export const handlers = {
  split_words: ({ text }: { text: string }) => ({ words: text.split(' ') }),
  measure: ({ word }: { word: string }) => {
    if (word === process.env['UNSPEAKABLE']) throw new Error('nobody can say ' + word)
    return { length: word.length }
  },
  report: ({ lengths }: { lengths: readonly number[] }) => ({ report: lengths.join('+') }),
}
export const whose = { tenantId: 'acme', projectId: 'words' }
export { createJournal, createRunner, z }
`

const configuration = `
import { defineConfig } from '@track-orchestrator/cli'
import { defineTrack, handlers, tasks, whose, z } from './tasks.mts'

export default defineConfig({
  registry: tasks,
  handlers,
  tracks: [
    defineTrack({ name: 'Lengths', tasks: [{ taskName: 'split_words' }, { taskName: 'measure', forEach: 'words', inputMapper: (word) => ({ word }) }, { taskName: 'report', inputMapper: (measured) => ({ lengths: measured.map(({ length }) => length) }) }] }),
    defineTrack({ name: 'Asked', tasks: [{ taskName: 'split_words' }, { approve: 'choose', schema: z.object({ word: z.string() }), timeoutMs: 1_000, onTimeout: { fallback: { word: 'none' } } }, { taskName: 'measure' }] }),
  ],
  defaults: whose,
})
`

/** Files that lie in the project before. */
export const strangersFiles: Readonly<Record<string, string>> = { 'tasks.mts': tasks, 'tracks.config.ts': configuration }

const program = (body: string) => `import { createJournal, createRunner, defineOrchestrator, defineTrack, handlers, tasks, whose, z } from './tasks.mts'\n${body}`
const words = `{ taskName: 'split_words' }`
const running = (definition: string, runner = '{ registry: tasks, handlers }') =>
  program(`const track = defineTrack({ name: 'Words', tasks: ${definition} })\nconsole.log(JSON.stringify(await createRunner(${runner}).runTrack(track, { ...whose, text: 'to be or' })))`)

export const strangersTasks: readonly StrangersTask[] = [
  {
    asked: 'split a text into words',
    first: running(`[{ taskName: 'split_word' }]`),
    told: /"split_word"[^]*Did you mean "split_words"\?/,
    then: running(`[${words}]`),
    done: /\{"words":\["to","be","or"\]/,
  },
  {
    asked: 'give the runner what does the work',
    first: running(`[${words}]`, '{ registry: tasks, handlers: { measure: handlers.measure } }'),
    told: /split_words[^]*handler/,
    then: running(`[${words}]`, '{ registry: tasks, handlers: { split_words: handlers.split_words } }'),
    done: /\{"words":\["to","be","or"\]/,
  },
  {
    asked: 'measure each word, whatever becomes of the others',
    first: running(`[${words}, { taskName: 'measure', forEach: 'words', onItemError: 'go_on', inputMapper: (word) => ({ word }) }]`),
    told: /onItemError[^]*"continue"/,
    then: running(`[${words}, { taskName: 'measure', forEach: 'words', onItemError: 'continue', inputMapper: (word) => ({ word }) }]`),
    done: /"length":2/,
  },
  {
    asked: 'run two tracks, the second after the first',
    first: program(`defineOrchestrator({ name: 'Both', tracks: [defineTrack({ name: 'First', tasks: [${words}] }), defineTrack({ name: 'Second', tasks: [${words}] })], trackDependencies: { Second: ['Fist'] } })`),
    told: /"Fist"[^]*Did you mean "First"\?/,
    then: program(`const both = defineOrchestrator({ name: 'Both', input: z.object({ text: z.string() }), tracks: [defineTrack({ name: 'First', tasks: [${words}] }), defineTrack({ name: 'Second', tasks: [${words}] })], trackDependencies: { Second: ['First'] }, trackInputMappings: { Second: ({ First }) => ({ text: First.words.join('/') }) } })\nconsole.log(JSON.stringify(await createRunner({ registry: tasks, handlers }).runOrchestrator(both, { ...whose, text: 'to be' })))`),
    done: /"to\/be"/,
  },
  {
    asked: 'keep runs so that they can be gone on with',
    first: running(`[${words}]`, `{ registry: tasks, handlers, journal: './runs' }`),
    told: /journal[^]*createJournal/,
    then: running(`[${words}]`, `{ registry: tasks, handlers, journal: createJournal({ folder: './runs' }) }`),
    done: /\{"words"/,
  },
  {
    asked: 'run a track by the command',
    first: ['run', 'Lengths', 'txt=to be or'],
    told: /There is no input "txt"\. Did you mean "text"\?\nIt takes \{ text: string \}/,
    then: ['run', 'Lengths', 'text=to be or'],
    done: /"report": "2\+2\+2"/,
  },
]
