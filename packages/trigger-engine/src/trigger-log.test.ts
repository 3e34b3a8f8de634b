import type { RunEvent } from '@track-orchestrator/core'
import { expect, test } from 'vitest'
import { lineOf } from './trigger-log.ts'

const facts = { id: 'e', at: 0, sequence: 1, runId: 'run_1', runName: 'Flow', tenantId: 't', projectId: 'p', kept: false }
const step = { track: 'VideoTrack', path: 'Flow/VideoTrack/transcode', step: 'transcode', taskName: 'transcode_parts', nested: false }
const part = { ...step, path: 'Flow/VideoTrack/transcode/2:transcode_part', taskName: 'transcode_part', nested: true }

test.each<[string, Partial<RunEvent>]>([
  ['VideoTrack: started', { type: 'track.started', track: 'VideoTrack', path: 'Flow/VideoTrack', stepCount: 2 }],
  ['VideoTrack > transcode: started', { type: 'step.started', ...step }],
  ['VideoTrack > transcode: done in 6 ms', { type: 'step.succeeded', ...step, attempt: 1, durationMs: 6 }],
  ['VideoTrack > transcode > transcode_part 3: started', { type: 'step.started', ...part }],
  ['VideoTrack > transcode > transcode_part 3: done in 1.5 s', { type: 'step.succeeded', ...part, attempt: 1, durationMs: 1_500 }],
])('a line of the dashboard names what it tells of: %s', (line, event) => {
  expect(lineOf({ ...facts, ...event } as RunEvent)).toBe(line)
})
