import { forRegistry } from '@track-orchestrator/core'
import { defineRegistry, defineTask, TerminalError } from '@track-orchestrator/registry'
import { setTimeout as delay } from 'node:timers/promises'
import { z } from 'zod'
import { createJournal } from '@track-orchestrator/core/in-process'
import { defineConfig } from '../index.ts'

// What the tests of the command run: text is split into lines, each line is spoken, and the words are counted.

const lines = z.object({ lines: z.array(z.object({ text: z.string() })) })
const registry = defineRegistry({
  split: defineTask({ name: 'split', input: z.object({ text: z.string(), pauseMs: z.int().default(0) }), output: lines }),
  speak: defineTask({ name: 'speak', input: z.object({ text: z.string(), voice: z.enum(['low', 'high']).default('low') }), output: z.object({ sound: z.string() }), retry: { maxAttempts: 1 } }),
  join: defineTask({ name: 'join', input: z.object({ sounds: z.array(z.string()) }), output: z.object({ sound: z.string() }), retry: { maxAttempts: 1 } }),
  count: defineTask({ name: 'count', input: z.object({ text: z.string() }), output: z.object({ words: z.number() }) }),
})
const { defineTrack, defineOrchestrator } = forRegistry(registry)
const input = z.object({ text: z.string(), pauseMs: z.int().default(0) })
const speech = defineTrack({
  name: 'Speech',
  input,
  tasks: [
    { taskName: 'split' },
    { taskName: 'speak', forEach: 'lines', concurrency: 1, inputMapper: ({ text }) => ({ text }) },
    { taskName: 'join', inputMapper: (spoken) => ({ sounds: spoken.map(({ sound }) => sound) }) },
  ],
})
const words = defineTrack({ name: 'Words', tasks: [{ taskName: 'count' }] })
const twice = defineTrack({ name: 'Twice', tasks: [{ taskName: 'count' }, { taskName: 'count', id: 'again', inputMapper: (_first, { text }) => ({ text }) }] })
const louder = defineTrack({ name: 'Louder', input: z.object({ text: z.string() }), tasks: [{ taskName: 'speak', inputMapper: ({ text }) => ({ text: `${text}!` }) }] })
const loud = defineTrack({ name: 'Loud', tasks: [{ track: louder, id: 'again', repeat: { until: ({ sound }) => sound.endsWith('!!!'), maxTimes: 9, next: ({ sound }) => ({ text: sound }) } }] })
const reviewed = defineTrack({
  name: 'Reviewed',
  tasks: [{ taskName: 'count' }, { approve: 'review', schema: z.object({ text: z.string() }), timeoutMs: 86_400_000 }, { taskName: 'count', id: 'again' }, { approve: 'go_on', timeoutMs: 86_400_000 }],
})
const reading = defineOrchestrator({ name: 'Reading', input, tracks: [speech, words], finalTask: { taskName: 'join', inputMapper: ({ Speech, Words }) => ({ sounds: [Speech.sound, `${Words.words} words`] }) } })
const careless = defineOrchestrator({ name: 'Careless', input, tracks: [speech, words], onTrackFailure: 'continue' })

let pauseMs = Number(process.env['TRACKS_PAUSE_MS'] ?? 0)

export default defineConfig({
  registry,
  tracks: [speech, words, reviewed, twice, loud],
  orchestrators: [reading, careless],
  // The tests of the command in this process give each its own.
  journal: createJournal({ folder: process.env['TRACKS_FOLDER'] ?? '.tracks' }),
  defaults: { tenantId: 'acme', projectId: 'p1' },
  handlers: {
    split: ({ text, pauseMs: pause }) => {
      pauseMs = pause || pauseMs
      return { lines: text.split('/').map((line) => ({ text: line })) }
    },
    speak: async ({ text, voice }, { signal, log, progress }) => {
      if (text === process.env['TRACKS_BROKEN']) throw new TerminalError(`nobody can say ${text}`)
      log.info(`speaks ${text}`)
      for (let step = 1; step <= 4; step++) {
        await delay(pauseMs / 4, undefined, { signal })
        progress(step / 4, text)
      }
      return { sound: voice === 'low' ? text : text.toUpperCase() }
    },
    join: ({ sounds }) => ({ sound: sounds.join('+') }),
    count: ({ text }, { cost }) => {
      if (text.startsWith('dear ')) cost({ amount: text.length, unit: 'characters' })
      if (text === process.env['TRACKS_PRINTS']) console.log(`counts ${text}`)
      return { words: text.split(/[ /]/).length }
    },
  },
  checks: {
    voice: () => 'there',
    ...(process.env['TRACKS_NO_DATABASE'] && { database: () => Promise.reject(new Error('nobody answers at localhost:5432. Start it, or take DATABASE_URL away.')) }),
  },
})
