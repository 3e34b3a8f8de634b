import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { defineRegistry, defineTask, TerminalError } from '@track-orchestrator/registry'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { z } from 'zod'
import type { CompositeTrackDefinition, OrchestratorDefinition, TrackDefinition, TrackTaskDefinition } from '../definition/definition.ts'
import { createJournal, createRunner } from './index.ts'

// A run that succeeded without something that failed does that again when it is resumed: by whatever it failed.

const number = z.object({ n: z.number() })
const once = { maxAttempts: 1 }
const registry = defineRegistry({ add: defineTask({ name: 'add', input: number, output: number, retry: once }), shaky: defineTask({ name: 'shaky', input: number, output: number, retry: once }) })
const payload = { tenantId: 'acme', projectId: 'p1', n: 0 }
const add: TrackTaskDefinition = { taskName: 'add' }

let folder: string
let isSteady: boolean
let done: string[]
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'without-'))
  isSteady = false
  done = []
})
afterEach(() => rm(folder, { recursive: true, force: true }))

function process(...definitions: readonly (TrackDefinition | OrchestratorDefinition)[]) {
  return createRunner({
    registry,
    journal: createJournal({ folder }),
    tracks: definitions.filter((one): one is TrackDefinition => 'tasks' in one),
    orchestrators: definitions.filter((one): one is OrchestratorDefinition => 'tracks' in one),
    handlers: {
      add: ({ n }) => (done.push(`add ${n}`), { n: n + 1 }),
      shaky: ({ n }) => {
        done.push(`shaky ${n}`)
        if (!isSteady) throw new TerminalError('not yet')
        return { n: n + 100 }
      },
    },
  })
}

test('a repeat that never reached what it was to, and was let go: with more times it goes on with the next', async () => {
  const counting = (maxTimes: number): TrackDefinition => ({
    name: 'Counting',
    tasks: [{ taskName: 'Count', id: 'count', track: { name: 'Count', tasks: [add] }, repeat: { until: ({ n }: { n: number }) => n === 3, maxTimes, next: (output: unknown) => output }, onError: 'continue' }, { taskName: 'add', id: 'last' }],
  })
  expect(await process(counting(2)).settleTrack(counting(2), payload, { runId: 'r1' })).toMatchObject({ status: 'succeeded', output: { n: 1 } })
  done = []
  expect(await process(counting(5)).resume('r1')).toMatchObject({ status: 'succeeded', output: { n: 4 } })
  expect(done).toEqual(['add 2', 'add 3'])
  done = []
  expect(await process(counting(5)).resume('r1')).toMatchObject({ status: 'succeeded', output: { n: 4 } })
  expect(done).toEqual([])
})

test('a mapper that threw, of a step or of a track, and was let go: once it is mended it is asked again', async () => {
  const mapping = (map: () => unknown): OrchestratorDefinition => ({
    name: 'Mapping',
    onTrackFailure: 'continue',
    tracks: [{ name: 'One', tasks: [add, { ...add, id: 'mapped', inputMapper: map, onError: 'continue' }] }, { name: 'Two', tasks: [add] }],
    trackDependencies: { Two: ['One'] },
    trackInputMappings: { Two: map },
  })
  const broken = () => {
    throw new Error('a slip')
  }
  expect(await process(mapping(broken)).settleOrchestrator(mapping(broken), payload, { runId: 'r1' })).toMatchObject({ status: 'succeeded', output: { One: { n: 1 } } })
  expect(await process(mapping(() => ({ n: 10 }))).resume('r1')).toMatchObject({ status: 'succeeded', output: { One: { n: 11 }, Two: { n: 11 } } })
})

test('a race beside it does not hinder that; one that lost a race is let be', async () => {
  const race: CompositeTrackDefinition = { name: 'Race', type: 'composite', mode: 'race', tasks: [], subTracks: [{ name: 'Lost', tasks: [{ taskName: 'shaky' }] }, { name: 'Won', tasks: [add] }] }
  const raced: TrackTaskDefinition = { taskName: 'Race', id: 'race', track: race }
  const alone: TrackDefinition = { name: 'Alone', tasks: [raced] }
  const beside: TrackDefinition = { name: 'Beside', tasks: [{ taskName: 'shaky', id: 'before', onError: 'continue' }, { ...raced, inputMapper: () => ({ n: 0 }) }, { ...add, id: 'sum', inputMapper: ({ n }, _original, { outputs }) => ({ n: n + (outputs.before?.n ?? 0) }) }] }
  for (const track of [alone, beside]) expect(await process(track).settleTrack(track, payload, { runId: track.name })).toMatchObject({ status: 'succeeded' })
  isSteady = true
  done = []
  expect(await process(alone).resume('Alone')).toMatchObject({ status: 'succeeded', output: { n: 1 } })
  expect(done).toEqual([])
  expect(await process(beside).resume('Beside')).toMatchObject({ status: 'succeeded' })
  expect(done).toContain('add 101')
})
