import { expect, test } from 'vitest'
import { readCarried } from './carried.ts'

const run = { runId: 'run_1', runName: 'Flow', walkId: 'run_1' }
const call = { ...run, kept: false, track: 'T', step: 's', parentPath: 'Flow/T', segment: '0:s', nested: false }

test('metadata of a person’s own carries nothing', () => {
  for (const metadata of [undefined, {}, { resumeOf: 'run_1', call, $claim: 'x' }, Object.create({ trackOrchestrator: { resumeOf: 'run_1' } }) as Record<string, unknown>]) expect(readCarried(metadata)).toEqual({})
})

test.each([
  { call },
  { track: { ...run, kept: true, owner: { kind: 'composite', name: 'C' }, path: 'C', ownPath: 'C/T', index: 0, onTrackFailure: 'halt', ownerRun: 'run_1', outerHalts: [] } },
  { input: { hash: 'a'.repeat(64), sizeBytes: 70_000 } },
  { resumeOf: 'run_1' },
  { forkOf: { runId: 'run_1', from: 'four', set: { n: 1 } } },
  { walk: { walkId: 'run_2', earlierRuns: [], fork: { branches: [{ walkId: 'run_2', anew: ['Flow/T/s'] }, { walkId: 'run_1', anew: [] }], amendments: [{ at: 'Flow/T/s', path: 'n', value: 1 }] } } },
  { walk: { walkId: 'run_1', earlierRuns: ['run_1', 'run_2'] }, error: { name: 'TracksError', code: 'task_failed', message: '', retryable: true } },
])('what this package wrote is read: %o', (carried) => {
  expect(readCarried({ mine: 1, trackOrchestrator: carried })).toEqual(carried)
})

test.each([
  'text', null, 5, [],
  { call: 5 }, { call: { ...call, walkId: 1 } }, { call: { ...call, track: undefined } }, { track: run },
  { input: { hash: '../other', sizeBytes: 1 } }, { input: { hash: `${'a'.repeat(64)}/x`, sizeBytes: 1 } }, { input: 'payloads/other.json' }, { output: { hash: 'A'.repeat(64), sizeBytes: 1 } },
  { resumeOf: 5 }, { resumeOf: '' }, { walk: { walkId: 'x' } }, { forkOf: 'run_1' }, { forkOf: { runId: 'run_1' } }, { walk: { walkId: 'x', earlierRuns: [], fork: { branches: [{ walkId: 1 }] } } }, { error: 'text' },
])('what it did not write is refused by name: %o', (carried) => {
  expect(() => readCarried({ trackOrchestrator: carried })).toThrow('metadata key trackOrchestrator is reserved')
})
