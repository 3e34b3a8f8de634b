import { defineRegistry, defineTask, type TaskInput, type TaskOutput } from '@track-orchestrator/registry'
import { expectTypeOf, test } from 'vitest'
import { z } from 'zod'
import { forRegistry } from './for-registry.ts'

// The small registry that the type tests wire.

const segment = z.object({ start: z.number(), end: z.number(), text: z.string() })

export const tasks = defineRegistry({
  download: defineTask({ name: 'download', input: z.object({ url: z.string() }), output: z.object({ path: z.string(), bytes: z.number() }) }),
  probe: defineTask({
    name: 'probe',
    input: z.object({ path: z.string() }),
    output: z.object({ path: z.string(), durationSeconds: z.number(), hasAudio: z.boolean() }),
  }),
  extract_audio: defineTask({
    name: 'extract_audio',
    input: z.object({ path: z.string(), codec: z.enum(['mp3', 'wav']) }),
    output: z.object({ audioPath: z.string() }),
  }),
  transcribe: defineTask({
    name: 'transcribe',
    input: z.object({ audioPath: z.string(), language: z.string() }),
    output: z.object({ text: z.string(), segments: z.array(segment) }),
  }),
  translate: defineTask({
    name: 'translate',
    input: z.object({ text: z.string(), target: z.enum(['de', 'fr']) }),
    output: z.object({ text: z.string(), target: z.enum(['de', 'fr']) }),
  }),
  // What goes in and what is seen differ on both sides: defaults, and a number that may come as text.
  chunk: defineTask({
    name: 'chunk',
    input: z.object({ text: z.string(), size: z.coerce.number<string | number>().default(100) }),
    output: z.object({ parts: z.array(z.string()), joiner: z.string().default('') }),
  }),
  summarize: defineTask({ name: 'summarize', input: z.object({ text: z.string() }), output: z.object({ summary: z.string() }) }),
  speak: defineTask({ name: 'speak', input: z.object({ text: z.string(), voiceId: z.string() }), output: z.object({ audioPath: z.string() }) }),
  thumbnail: defineTask({ name: 'thumbnail', input: z.object({ path: z.string(), atSeconds: z.number() }), output: z.object({ imagePath: z.string() }) }),
  upload: defineTask({ name: 'upload', input: z.object({ path: z.string(), key: z.string() }), output: z.object({ url: z.string() }) }),
  notify: defineTask({ name: 'notify', input: z.object({ url: z.string(), body: z.unknown() }), output: z.object({ status: z.number() }) }),
})

export const { defineTrack, defineCompositeTrack, defineOrchestrator } = forRegistry(tasks)

export interface Segment {
  start: number
  end: number
  text: string
}
export interface Speech {
  audioPath: string
  language: string
}
/** The input of a track that begins with a recording. */
export const speech = z.object({ audioPath: z.string(), language: z.string() })

// Three tracks that others are made of.

export const ingest = defineTrack({ name: 'Ingest', tasks: [{ taskName: 'download' }, { taskName: 'probe' }] })

export const transcript = defineTrack({
  name: 'Transcript',
  input: z.object({ path: z.string(), language: z.string().default('en') }),
  tasks: [
    { taskName: 'extract_audio', inputMapper: (prev) => ({ path: prev.path, codec: 'mp3' }) },
    { taskName: 'transcribe', inputMapper: (prev, original) => ({ audioPath: prev.audioPath, language: original.language }) },
    { taskName: 'summarize' },
  ],
})

export const thumbs = defineTrack({
  name: 'Thumbs',
  input: z.object({ path: z.string() }),
  tasks: [{ taskName: 'thumbnail', inputMapper: (prev) => ({ path: prev.path, atSeconds: 1 }) }],
})

test('a task takes what its input schema reads, and hands on what its output schema gives', () => {
  expectTypeOf<TaskInput<typeof tasks, 'chunk'>>().toEqualTypeOf<{ text: string; size?: string | number | undefined }>()
  expectTypeOf<TaskOutput<typeof tasks, 'chunk'>>().toEqualTypeOf<{ parts: string[]; joiner: string }>()
})
