import type { RunEvent } from '@track-orchestrator/core'
import { logger } from '@trigger.dev/sdk'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { createTriggerLog, lineOf } from './trigger-log.ts'

const facts = { id: 'e', at: 0, sequence: 1, runId: 'run_1', runName: 'Flow', tenantId: 't', projectId: 'p', kept: false }
const step = { track: 'VideoTrack', path: 'Flow/VideoTrack/transcode', step: 'transcode', taskName: 'transcode_parts', nested: false }
const part = { ...step, path: 'Flow/VideoTrack/transcode/2:transcode_part', taskName: 'transcode_part', nested: true }
const track = { track: 'VideoTrack', path: 'Flow/VideoTrack' }

test.each<[string, Partial<RunEvent>]>([
  ['VideoTrack: started', { type: 'track.started', ...track, stepCount: 2 }],
  ['VideoTrack > transcode: started', { type: 'step.started', ...step }],
  ['VideoTrack > transcode: done in 6 ms', { type: 'step.succeeded', ...step, attempt: 1, durationMs: 6 }],
  ['VideoTrack > transcode > transcode_part 3: started', { type: 'step.started', ...part }],
  ['VideoTrack > transcode > transcode_part 3: done in 1.5 s', { type: 'step.succeeded', ...part, attempt: 1, durationMs: 1_500 }],
])('a line of the dashboard names what it tells of: %s', (line, event) => {
  expect(lineOf({ ...facts, ...event } as RunEvent)).toBe(line)
})

let lines: { readonly line: string; readonly facts: unknown }[]
beforeEach(() => {
  lines = []
  const write = (line: string, given?: unknown) => void lines.push({ line, facts: given })
  logger.setGlobalTaskLogger({ debug: write, log: write, info: write, warn: write, error: write, trace: (_name, fn) => fn(undefined as never), startSpan: () => undefined as never })
  vi.useFakeTimers()
})
afterEach(() => {
  logger.disable()
  vi.useRealTimers()
})

const told = () => lines.splice(0).map(({ line }) => line)
const writer = () => {
  const log = createTriggerLog()
  return { log, write: (event: Partial<RunEvent>) => log.write({ ...facts, ...event } as RunEvent) }
}
const light = (name: string, metadata?: object) => [
  { type: 'step.started', ...track, path: `${track.path}/${name}`, step: name, taskName: name, nested: false },
  { type: 'step.succeeded', ...track, path: `${track.path}/${name}`, step: name, taskName: name, nested: false, attempt: 1, durationMs: 2, ...(metadata && { metadata }) },
] as const

test('steps that are quick stand together in one line, after what had begun before them', () => {
  const { write } = writer()
  write({ type: 'track.started', ...track, stepCount: 3 })
  for (const event of ['cut', 'count', 'join'].flatMap((name) => light(name))) write(event as Partial<RunEvent>)
  expect(told()).toEqual([])
  write({ type: 'track.succeeded', ...track, durationMs: 9 })
  const stepCalled = (name: string) => ({ path: `Flow/VideoTrack/${name}`, step: name, taskName: name, at: 0, durationMs: 2 })
  expect(lines[0]!.facts).toEqual({ type: 'step.succeeded', track: 'VideoTrack', durationMs: 6, steps: ['cut', 'count', 'join'].map(stepCalled) })
  expect(told()).toEqual(['VideoTrack > cut, count, join: done in 6 ms', 'VideoTrack: succeeded'])
})

test('of a part of a walk that is a run of its own, neither begin nor success has a line, but its failure has', () => {
  const log = createTriggerLog({ ownPath: track.path })
  const write = (event: Partial<RunEvent>) => log.write({ ...facts, ...event } as RunEvent)
  write({ type: 'track.started', ...track, stepCount: 1 })
  write({ type: 'track.started', ...track, path: `${track.path}/inner`, stepCount: 1 })
  write({ type: 'track.succeeded', ...track, durationMs: 1 })
  write({ type: 'track.failed', ...track, durationMs: 1, error: { name: 'Error', code: 'task_failed', message: 'broken', retryable: true } })
  expect(told()).toEqual(['VideoTrack: started', 'VideoTrack: failed after 1 ms: broken [task_failed]'])
})

test('quick items of a step stand in its line with their numbers; what handlers asked for, each in its own', () => {
  const { write } = writer()
  for (const index of [0, 1]) for (const event of light('cut')) write({ ...event, path: `${event.path}[${index}]` } as Partial<RunEvent>)
  for (const asked of [part, { ...part, path: part.path.replace('2:', '3:') }]) {
    write({ type: 'step.started', ...asked })
    write({ type: 'step.succeeded', ...asked, attempt: 1, durationMs: 1 })
  }
  vi.advanceTimersByTime(300)
  expect(told()).toEqual(['VideoTrack > cut[0], cut[1]: done in 4 ms', 'VideoTrack > transcode > transcode_part 3: done in 1 ms', 'VideoTrack > transcode > transcode_part 4: done in 1 ms'])
})

test('what goes on for longer has two lines, the first of them after a moment or before the run waits', async () => {
  const { log, write } = writer()
  const [begins, ends] = light('cut')
  write(begins)
  vi.advanceTimersByTime(300)
  expect(told()).toEqual(['VideoTrack > cut: started'])
  write({ ...ends, durationMs: 400 } as Partial<RunEvent>)
  expect(told()).toEqual(['VideoTrack > cut: done in 400 ms'])
  write(begins)
  await log.flush(0)
  expect(told()).toEqual(['VideoTrack > cut: started'])
})

test('a step that fails, is tried again, logs, or has metadata is told by itself, and when it happens', () => {
  const { write } = writer()
  const [begins, ends] = light('cut', { costUsd: 1 })
  write(begins)
  write({ type: 'log', level: 'info', message: 'half of it', ...track, path: begins.path, step: 'cut' })
  expect(told()).toEqual(['VideoTrack > cut: started', 'half of it'])
  const count = { ...track, path: `${track.path}/count`, step: 'count' }
  write({ ...begins, ...count })
  write({ type: 'step.failed', ...count, taskName: 'count', nested: false, attempt: 1, durationMs: 1, handled: false, error: { name: 'Error', code: 'task_failed', message: 'broken', retryable: true } })
  write(ends as Partial<RunEvent>)
  vi.advanceTimersByTime(300)
  expect(told()).toEqual(['VideoTrack > count: failed: broken [task_failed]', 'VideoTrack > cut: done in 2 ms'])
})

test('a line does not say again what the tags and metadata of its run say', () => {
  const { write } = writer()
  const [begins, ends] = light('cut', { costUsd: 1 })
  write(begins)
  write(ends as Partial<RunEvent>)
  vi.advanceTimersByTime(300)
  expect(lines).toEqual([{ line: 'VideoTrack > cut: done in 2 ms', facts: { type: 'step.succeeded', at: 0, ...track, path: 'Flow/VideoTrack/cut', step: 'cut', taskName: 'cut', nested: false, attempt: 1, durationMs: 2, metadata: { costUsd: 1 } } }])
})
