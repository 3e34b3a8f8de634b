// Ten things that a stranger, or an agent, is asked to do with what npm installed. Each is tried wrongly first: what is said then names what is to be
// done instead, and doing that is enough.

export interface StrangersTask {
  readonly asked: string
  readonly env?: Readonly<Record<string, string>>
  /** As it is written at first: a program, or the arguments of `tracks`. */
  readonly first: Attempt
  /** What is said then. */
  readonly told: RegExp
  /** With what was said heeded. */
  readonly next: Attempt
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

const asked = `
import { createRunner, defineTrack, handlers, tasks, whose, z } from './tasks.mts'

const track = defineTrack({ name: 'Asked', tasks: [{ taskName: 'split_words' }, { approve: 'choose', schema: z.object({ word: z.string() }), timeoutMs: 60_000 }, { taskName: 'measure' }] })

/** Runs a track that asks for a word, and answers it. */
export async function approvalOf(answer: unknown) {
  const runner = createRunner({ registry: tasks, handlers })
  const stop = new AbortController()
  const going = runner.settleTrack(track, { ...whose, text: 'to be' }, { runId: 'asked', signal: stop.signal })
  await new Promise((resolve) => setTimeout(resolve, 500))
  try {
    await runner.answer('asked', 'choose', answer)
  } catch (error) {
    stop.abort()
    throw error
  }
  const result = await going
  console.log(JSON.stringify(result.status === 'succeeded' ? result.output : result.error))
}
`

/** Files that lie in the project before. */
export const strangersFiles: Readonly<Record<string, string>> = { 'tasks.mts': tasks, 'asked.mts': asked, 'tracks.config.ts': configuration }

const media = (handler: string) => `
import { createFileStorage, createMediaThumbnailHandler, findFfmpeg } from '@track-orchestrator/media-tasks'
import { createRunner } from '@track-orchestrator/core/in-process'
import { tasks } from '@track-orchestrator/registry/media'
import { resolve } from 'node:path'
import { pathToFileURL } from 'node:url'

const storage = createFileStorage({ root: 'media', readableFolders: ['videos'] })
const runner = createRunner({ registry: tasks, handlers: { media_thumbnail: ${handler} } })
const { files } = await runner.runSingleTask('media_thumbnail', { tenantId: 'acme', projectId: 'talks', url: pathToFileURL(resolve('videos/talk.webm')).href })
console.log(files[0]?.url)
`

const program = (body: string) => `import { createJournal, createRunner, defineOrchestrator, defineTrack, handlers, tasks, whose, z } from './tasks.mts'\n${body}`
const words = `{ taskName: 'split_words' }`
const running = (definition: string, runner = '{ registry: tasks, handlers }') =>
  program(`const track = defineTrack({ name: 'Words', tasks: ${definition} })\nconsole.log(JSON.stringify(await createRunner(${runner}).runTrack(track, { ...whose, text: 'to be or' })))`)

export const strangersTasks: readonly StrangersTask[] = [
  {
    asked: 'split a text into words',
    first: running(`[{ taskName: 'split_word' }]`),
    told: /"split_word"[^]*Did you mean "split_words"\?/,
    next: running(`[${words}]`),
    done: /\{"words":\["to","be","or"\]/,
  },
  {
    asked: 'give the runner what does the work',
    first: running(`[${words}]`, '{ registry: tasks, handlers: { measure: handlers.measure } }'),
    told: /split_words[^]*handler/,
    next: running(`[${words}]`, '{ registry: tasks, handlers: { split_words: handlers.split_words } }'),
    done: /\{"words":\["to","be","or"\]/,
  },
  {
    asked: 'measure each word, whatever becomes of the others',
    first: running(`[${words}, { taskName: 'measure', forEach: 'words', onItemError: 'go_on', inputMapper: (word) => ({ word }) }]`),
    told: /onItemError[^]*"continue"/,
    next: running(`[${words}, { taskName: 'measure', forEach: 'words', onItemError: 'continue', inputMapper: (word) => ({ word }) }]`),
    done: /"length":2/,
  },
  {
    asked: 'run two tracks, the second after the first',
    first: program(`defineOrchestrator({ name: 'Both', tracks: [defineTrack({ name: 'First', tasks: [${words}] }), defineTrack({ name: 'Second', tasks: [${words}] })], trackDependencies: { Second: ['Fist'] } })`),
    told: /"Fist"[^]*Did you mean "First"\?/,
    next: program(`const both = defineOrchestrator({ name: 'Both', input: z.object({ text: z.string() }), tracks: [defineTrack({ name: 'First', tasks: [${words}] }), defineTrack({ name: 'Second', tasks: [${words}] })], trackDependencies: { Second: ['First'] }, trackInputMappings: { Second: ({ First }) => ({ text: First.words.join('/') }) } })\nconsole.log(JSON.stringify(await createRunner({ registry: tasks, handlers }).runOrchestrator(both, { ...whose, text: 'to be' })))`),
    done: /"to\/be"/,
  },
  {
    asked: 'keep runs so that they can be gone on with',
    first: running(`[${words}]`, `{ registry: tasks, handlers, journal: './runs' }`),
    told: /journal[^]*createJournal/,
    next: running(`[${words}]`, `{ registry: tasks, handlers, journal: createJournal({ folder: './runs' }) }`),
    done: /\{"words"/,
  },
  {
    asked: 'run a track by the command',
    first: ['run', 'Lengths', 'txt=to be or'],
    told: /There is no input "txt"\. Did you mean "text"\?\nIt takes \{ text: string \}/,
    next: ['run', 'Lengths', 'text=to be or'],
    done: /"report": "2\+2\+2"/,
  },
  {
    asked: 'go on with a run that failed',
    env: { UNSPEAKABLE: 'be' },
    first: ['run', 'Lengths', 'text=to be or'],
    told: /measure \(item 1\): nobody can say be[^]*Go on with it: {2}tracks resume/,
    next: ['resume', 'last'],
    done: /"report": "2\+2\+2"/,
  },
  {
    asked: 'do a run again from a step, with another word',
    first: ['fork', 'last', '--from', 'mesure[1]', '--set', 'word=bee'],
    told: /There is no step "mesure\[1\]"\. Did you mean "measure"\?/,
    next: ['fork', 'last', '--from', 'measure[1]', '--set', 'word=bee'],
    done: /"report": "2\+3\+2"/,
  },
  {
    asked: 'answer what a run asks for',
    first: program(`import { approvalOf } from './asked.mts'\nawait approvalOf('to')`),
    told: /The answer to choose does not fit its schema: [^]*expected object, received string/,
    next: program(`import { approvalOf } from './asked.mts'\nawait approvalOf({ word: 'three' })`),
    done: /\{"length":5/,
  },
  {
    asked: 'take a picture from a video',
    first: media(`createMediaThumbnailHandler({ storage })`),
    told: /createMediaThumbnailHandler: ffmpeg is required[^]*findFfmpeg\(\)/,
    next: media(`createMediaThumbnailHandler({ ffmpeg: await findFfmpeg(), storage })`),
    done: /media_thumbnail-\w+\.jpeg/,
  },
]
