import type { BaseFields } from '@track-orchestrator/registry'
import { expectTypeOf, test } from 'vitest'
import { z } from 'zod'
import { defineCompositeTrack, defineOrchestrator, defineTrack, ingest, thumbs, transcript } from './example-tasks.test-d.ts'
import type { OrchestratorInputOf, OrchestratorOutputOf } from './orchestrator.ts'

const input = z.object({ url: z.string(), language: z.string().default('en') })
const analysis = defineCompositeTrack({ name: 'Analysis', type: 'composite', subTracks: [thumbs, transcript] })

interface Ingested {
  path: string
  durationSeconds: number
  hasAudio: boolean
}

test('a mapping sees its dependencies\' outputs and the parsed input; the final task\'s output is the orchestrator\'s', () => {
  const video = defineOrchestrator({
    name: 'Video',
    enableSupabaseLogging: true,
    input,
    tracks: [ingest, analysis, thumbs],
    trackDependencies: { Analysis: ['Ingest'], Thumbs: ['Ingest'] }, // Thumbs takes the one output as it is
    trackInputMappings: {
      Analysis: (outputs, original) => {
        expectTypeOf({ ...outputs }).toEqualTypeOf<{ Ingest: Ingested }>()
        expectTypeOf(original).toEqualTypeOf<{ url: string; language: string } & BaseFields>()
        return { path: outputs.Ingest.path, language: original.language }
      },
    },
    finalTask: {
      taskName: 'notify',
      inputMapper: (outputs, original) => ({ url: original.url, body: outputs.Analysis.Thumbs.imagePath }),
      retry: { maxAttempts: 1 },
      timeoutMs: 1_000,
    },
  })
  expectTypeOf<OrchestratorInputOf<typeof video>>().toEqualTypeOf<{ url: string; language?: string | undefined }>()
  expectTypeOf<OrchestratorOutputOf<typeof video>>().toEqualTypeOf<{ status: number }>()
})

test('without a final task, the output is the outputs by name', () => {
  const byName = defineOrchestrator({ name: 'ByName', input, tracks: [ingest, thumbs], trackDependencies: { Thumbs: ['Ingest'] } })
  expectTypeOf<OrchestratorOutputOf<typeof byName>>().toEqualTypeOf<{ readonly Ingest: Ingested; readonly Thumbs: { imagePath: string } }>()
})

test('without a schema, an orchestrator takes what the tracks take that get its input as it is', () => {
  const plain = defineOrchestrator({
    name: 'Plain',
    tracks: [ingest, thumbs, transcript],
    trackDependencies: { Thumbs: ['Ingest'] },
    trackInputMappings: {
      Transcript: (_outputs, original) => {
        expectTypeOf(original).toEqualTypeOf<{ url: string } & BaseFields>()
        return { path: original.url }
      },
    },
  })
  expectTypeOf<OrchestratorInputOf<typeof plain>>().toEqualTypeOf<{ url: string }>()
})

test('several dependencies come by name', () => {
  const both = defineTrack({
    name: 'Both',
    input: z.object({ Ingest: z.object({ path: z.string() }), Thumbs: z.object({ imagePath: z.string() }) }),
    tasks: [{ taskName: 'probe', inputMapper: (prev) => ({ path: prev.Ingest.path + prev.Thumbs.imagePath }) }],
  })
  defineOrchestrator({ name: 'Joined', input, tracks: [ingest, thumbs, both], trackDependencies: { Thumbs: ['Ingest'], Both: ['Ingest', 'Thumbs'] } })
})

test('where the rest goes on after a failure, the final task and the result may lack an output', () => {
  const going = defineOrchestrator({
    name: 'Going',
    input,
    tracks: [ingest, thumbs],
    trackDependencies: { Thumbs: ['Ingest'] },
    onTrackFailure: 'continue',
    finalTask: {
      taskName: 'notify',
      inputMapper: (outputs) => {
        expectTypeOf(outputs.Thumbs).toEqualTypeOf<{ imagePath: string } | undefined>()
        return { url: outputs.Ingest?.path ?? '', body: 1 }
      },
    },
  })
  expectTypeOf<OrchestratorOutputOf<typeof going>>().toEqualTypeOf<{ status: number }>()
  const byName = defineOrchestrator({ name: 'ByName', input, tracks: [ingest], onTrackFailure: 'continue' })
  expectTypeOf<OrchestratorOutputOf<typeof byName>>().toEqualTypeOf<{ readonly Ingest: Ingested | undefined }>()
})

test('a track that does not take what it would receive is marked where it stands', () => {
  defineOrchestrator({
    name: 'x',
    input,
    trackDependencies: { Thumbs: ['Ingest'], Transcript: ['Ingest', 'Thumbs'] },
    tracks: [
      ingest,
      thumbs,
      // @ts-expect-error gets its dependencies' outputs by name, takes { path }
      transcript,
      // @ts-expect-error gets the input, takes { text }
      defineTrack({ name: 'Sum', tasks: [{ taskName: 'summarize' }] }),
    ],
  })
})

test('dependencies name tracks of the orchestrator', () => {
  defineOrchestrator({
    name: 'x',
    input,
    tracks: [ingest, thumbs],
    trackInputMappings: { Thumbs: () => ({ path: '' }) },
    trackDependencies: {
      // @ts-expect-error unknown track
      Thumb: ['Ingest'],
    },
  })
  defineOrchestrator({
    name: 'x',
    input,
    tracks: [ingest, thumbs],
    trackInputMappings: { Thumbs: () => ({ path: '' }) },
    trackDependencies: {
      // @ts-expect-error unknown track
      Thumbs: ['Ingst'],
    },
  })
})

test('a cycle is marked on each of its edges, and on no other', () => {
  defineOrchestrator({
    name: 'x',
    input,
    tracks: [ingest, thumbs, transcript],
    trackInputMappings: { Ingest: () => ({ url: '' }), Thumbs: () => ({ path: '' }), Transcript: () => ({ path: '' }) },
    trackDependencies: {
      // @ts-expect-error Thumbs -> Ingest
      Thumbs: ['Ingest'],
      // @ts-expect-error Ingest -> Thumbs
      Ingest: ['Thumbs'],
      Transcript: ['Ingest'],
    },
  })
  defineOrchestrator({
    name: 'x',
    input,
    tracks: [ingest],
    trackInputMappings: { Ingest: () => ({ url: '' }) },
    trackDependencies: {
      // @ts-expect-error depends on itself
      Ingest: ['Ingest'],
    },
  })
})

test('a mapping reads declared dependencies only, and gives what its track takes', () => {
  defineOrchestrator({
    name: 'x',
    input,
    tracks: [ingest, thumbs, transcript],
    trackDependencies: { Transcript: ['Ingest'], Thumbs: ['Ingest'] },
    trackInputMappings: {
      // @ts-expect-error not a declared dependency
      Transcript: (outputs) => ({ path: outputs.Thumbs.imagePath }),
      // @ts-expect-error a number for a path
      Thumbs: (outputs) => ({ path: outputs.Ingest.durationSeconds }),
    },
  })
  defineOrchestrator({
    name: 'x',
    input,
    tracks: [ingest],
    trackInputMappings: {
      // @ts-expect-error unknown track
      Ingst: () => ({ url: '' }),
    },
  })
})

test('the final task is a task of the registry, and gets its input', () => {
  defineOrchestrator({
    name: 'x',
    input,
    tracks: [ingest],
    // @ts-expect-error a number for a url
    finalTask: { taskName: 'notify', inputMapper: (outputs) => ({ url: outputs.Ingest.durationSeconds, body: 1 }) },
  })
  defineOrchestrator({
    name: 'x',
    input,
    tracks: [ingest],
    onTrackFailure: 'continue',
    // @ts-expect-error possibly undefined
    finalTask: { taskName: 'notify', inputMapper: (outputs) => ({ url: outputs.Ingest.path, body: 1 }) },
  })
  defineOrchestrator({
    name: 'x',
    input,
    tracks: [ingest],
    // @ts-expect-error unknown task
    finalTask: { taskName: 'notfy', inputMapper: () => ({ url: '', body: 1 }) },
  })
})

test('onTrackFailure knows its policies', () => {
  defineOrchestrator({
    name: 'x',
    input,
    tracks: [ingest],
    // @ts-expect-error unknown policy
    onTrackFailure: 'retry',
  })
})
