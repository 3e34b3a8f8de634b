import type { TrackDefinition } from '@track-orchestrator/core'
import { defineRegistry, defineTask } from '@track-orchestrator/registry'
import { expect, test } from 'vitest'
import { z } from 'zod'
import { createWorld } from './world.ts'

const registry = defineRegistry({ work: defineTask({ name: 'work', input: z.object({}), output: z.object({}) }) })
const track = (name: string, more: Partial<TrackDefinition> = {}): TrackDefinition => ({ name, tasks: [{ taskName: 'work' }], ...more })

test('tracks inside tracks, composites and orchestrators are found', () => {
  const inner = track('Inner')
  const composite = { ...track('Composite'), type: 'composite', subTracks: [track('Sub'), inner] } as TrackDefinition
  const outer = track('Outer', { tasks: [{ taskName: 'Composite', track: composite }] })
  const world = createWorld({ registry, tracks: [outer], orchestrators: [{ name: 'All', tracks: [outer, track('Other')] }] })
  expect([...world.tracks.keys()].toSorted()).toEqual(['Composite', 'Inner', 'Other', 'Outer', 'Sub'])
})

test.each([
  ['two tracks', { tracks: [track('A'), track('A')] }],
  ['a task and a track', { tracks: [track('work')] }],
  ['a track and an orchestrator', { tracks: [track('A')], orchestrators: [{ name: 'A', tracks: [] }] }],
])('%s of one name are refused', (who, options) => {
  expect(() => createWorld({ registry, ...options })).toThrow(who)
})

test('what overrides say of a task stands in its contract, where every caller of it looks', () => {
  const world = createWorld({ registry, overrides: { work: { machine: 'large-1x', concurrencyKey: 'tenantId', retry: { maxAttempts: 1 } } } })
  expect(world.registry['work']).toMatchObject({ name: 'work', placement: { machine: 'large-1x', concurrencyKey: 'tenantId' }, retry: { maxAttempts: 1 } })
  expect(registry.work.placement).toBeUndefined()
})

test('overrides of something that there is not are refused', () => {
  expect(() => createWorld({ registry, overrides: { wrok: { machine: 'large-1x' } } })).toThrow('overrides name wrok')
})
