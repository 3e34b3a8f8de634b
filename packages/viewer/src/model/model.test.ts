import type { Outline } from '@track-orchestrator/core/in-process'
import { expect, test } from 'vitest'
import { criticalPath } from './critical-path.ts'
import { deriveOutline } from './derive-outline.ts'
import { emptyRun, foldEvents } from './fold-run.ts'
import { rowsOf } from './rows.ts'
import { typedLine } from './typed-line.ts'
import { unfoldOutline } from './unfold-outline.ts'
import type { ViewedEvent } from './wire.ts'

const step = (path: string, from: number, to: number): ViewedEvent[] => {
  const place = { path, track: 'T', step: path.split('/').at(-1)!, taskName: 't', nested: false }
  return [
    { at: from, type: 'step.started', ...place },
    { at: to, type: 'step.succeeded', ...place, attempt: 1, durationMs: to - from },
  ]
}
const part = (path: string) => ({ kind: 'step' as const, path, step: path.split('/').at(-1)!, taskName: 't' })
const outline: Outline = {
  kind: 'orchestrator',
  path: 'O',
  name: 'O',
  tracks: [
    { kind: 'track', path: 'O/A', name: 'A', steps: [part('O/A/a'), part('O/A/b')] },
    { kind: 'track', path: 'O/B', name: 'B', steps: [part('O/B/c')] },
  ],
  dependencies: { B: ['A'] },
  finalStep: part('O/final:f'),
}
const folded = (...events: ViewedEvent[][]) => {
  const run = emptyRun()
  foldEvents(run, events.flat())
  return run
}

test('the critical path goes by what waits for what, not by what happened to end just before', () => {
  const run = folded(step('O/A/a', 0, 10), step('O/A/b', 12, 40), step('O/B/c', 40, 90), step('O/final:f', 95, 100))
  const path = criticalPath(outline, run, 100)
  expect(path.steps.map((one) => one.step)).toEqual(['a', 'b', 'c', 'final:f'])
  expect(path).toMatchObject({ totalMs: 100, runMs: 93, retryMs: 0, waitMs: 7 })
})

test('a step that was skipped lies on no critical path: what is before it does', () => {
  const skipped: ViewedEvent[] = [{ at: 10, type: 'step.skipped', path: 'O/A/b', track: 'A', step: 'b', taskName: 't', nested: false }]
  const run = folded(step('O/A/a', 0, 10), skipped, step('O/B/c', 11, 20))
  expect(criticalPath(outline, run, 20).steps.map((one) => one.step)).toEqual(['a', 'c'])
})

test('a run without a definition is drawn as it was walked', () => {
  const started = (path: string, track: string, at = 1): ViewedEvent => ({ at, type: 'track.started', path, track, stepCount: 1 })
  const run = folded([started('O/A', 'A')], step('O/A/a', 1, 2), [started('O/A/Sub', 'Sub', 3)], step('O/A/Sub/x', 3, 4), step('O/final:f', 5, 6))
  expect(deriveOutline(run, 'O')).toMatchObject({ kind: 'orchestrator', tracks: [{ path: 'O/A', steps: [{ path: 'O/A/a' }, { kind: 'track', path: 'O/A/Sub', steps: [{ path: 'O/A/Sub/x' }] }] }], finalStep: { path: 'O/final:f' } })
  expect(deriveOutline(folded([started('T', 'T')], step('T/a', 1, 2)), 'T')).toMatchObject({ kind: 'track', path: 'T', steps: [{ path: 'T/a' }] })
})

test('lines are those of the definition; items open below their step; what is in it no more comes last', () => {
  const run = folded(step('O/A/a', 0, 1), step('O/A/a[0]', 0, 1), step('O/A/a[1]', 0, 1), step('O/A/gone', 1, 2))
  const lines = (isOpen: Parameters<typeof rowsOf>[2]) => rowsOf(outline, run, isOpen).map(({ label, depth }) => `${depth} ${label}`)
  expect(lines((_path, kind) => kind === 'track')).toEqual(['0 A', '1 a', '1 b', '0 B', '1 c', '0 final:f', '0 O/A/gone'])
  expect(lines((path) => path === 'O/A' || path === 'O/A/a')).toEqual(['0 A', '1 a', '2 [0]', '2 [1]', '1 b', '0 B', '0 final:f', '0 O/A/gone'])
})

test('a step that finished in an earlier process, and is not called again, is reused; one that is called again is not', () => {
  const call = (at: number, type: 'call.started' | 'call.succeeded'): ViewedEvent => ({ at, type, path: 'T/a', track: 'T', step: 'a', taskName: 't', attempt: 1, ...(type === 'call.succeeded' && { output: '5.output' }) })
  const [started, succeeded] = step('T/a', 1, 4) as [ViewedEvent, ViewedEvent]
  const first = [started, call(2, 'call.started'), call(3, 'call.succeeded'), succeeded]
  const resumed: ViewedEvent = { at: 10, type: 'run.resumed' }
  expect(folded(first, [resumed], step('T/a', 11, 12)).steps.get('T/a')).toMatchObject({ status: 'succeeded', reused: true, output: '5.output' })
  expect(folded(first, [resumed, { ...started, at: 11 }, call(12, 'call.started'), call(13, 'call.succeeded')]).steps.get('T/a')!.reused).toBeUndefined()
})

test('what was under way when a run failed was called off', () => {
  const [started] = step('T/a', 1, 4) as [ViewedEvent]
  expect(folded([started, { at: 5, type: 'run.ended', status: 'failed' }]).steps.get('T/a')).toMatchObject({ status: 'cancelled', endedAt: 5 })
})

const failed = (path: string, from: number, to: number, code: 'cancelled' | 'task_failed'): ViewedEvent[] => [
  step(path, from, to)[0]!,
  { at: to, type: 'step.failed', path, track: 'T', step: path.split('/').at(-1)!, taskName: 't', nested: false, attempt: 1, durationMs: to - from, handled: false, error: { name: 'Error', code, message: code, retryable: false } },
]

test('what was told to stop was cancelled, did not fail, and held up nothing', () => {
  const beside: Outline = { ...outline, dependencies: {} }
  const run = folded(step('O/A/a', 0, 10), failed('O/A/b', 10, 20, 'task_failed'), failed('O/B/c', 0, 25, 'cancelled'), [{ at: 25, type: 'run.failed', durationMs: 25, error: { name: 'Error', code: 'task_failed', message: '', retryable: false } }])
  expect([run.steps.get('O/A/b')!.status, run.steps.get('O/B/c')!.status]).toEqual(['failed', 'cancelled'])
  expect(criticalPath(beside, run, 25).steps.map(({ path }) => path)).toEqual(['O/A/a', 'O/A/b'])
})

test('of a run that was cancelled as a whole, what was called off is what it spent its time on', () => {
  const run = folded(step('O/A/a', 0, 10), failed('O/A/b', 10, 500, 'cancelled'), [{ at: 500, type: 'run.cancelled', durationMs: 500 }])
  expect(criticalPath(outline, run, 500)).toMatchObject({ totalMs: 500, steps: [{ step: 'a' }, { step: 'b' }] })
})

test('a step that waits for a time is told by itself: nothing ran meanwhile', () => {
  const pausing: Outline = { kind: 'track', path: 'P', name: 'P', steps: [part('P/a'), { ...part('P/wait'), waits: true }, part('P/b')] }
  const run = folded(step('P/a', 0, 10), step('P/wait', 10, 90), step('P/b', 90, 100))
  expect(criticalPath(pausing, run, 100)).toMatchObject({ totalMs: 100, runMs: 20, pauseMs: 80, waitMs: 0 })
  expect(rowsOf(pausing, run, () => true).filter(({ waits }) => waits).map(({ path }) => path)).toEqual(['P/wait'])
})

const began = (path: string, track: string, from: number): ViewedEvent => ({ at: from, type: 'track.started', path, track, stepCount: 1 })
const numbered = (how: object): Outline => ({ kind: 'track', path: 'T', name: 'T', steps: [part('T/a'), { kind: 'track', path: 'T/r', name: 'R', ...how, steps: [part('T/r/x'), { kind: 'track', path: 'T/r/S', name: 'S', steps: [part('T/r/S/y')] }] }, part('T/b')] })

test('a step that repeats a track shows each of its times, one after the other; what is behind it waited for the last', () => {
  const run = folded([began('T', 'T', 0)], step('T/a', 0, 10), [step('T/r', 10, 40)[0]!, began('T/r[0]', 'R', 10)], step('T/r[0]/x', 10, 20), [began('T/r[1]', 'R', 20)], step('T/r[1]/x', 20, 39), [step('T/r', 10, 40)[1]!], step('T/b', 40, 50))
  const unfolded = unfoldOutline(numbered({ again: true }), run)
  expect(rowsOf(unfolded, run, (path, kind) => kind === 'track' && !path.endsWith('S')).map(({ label, depth }) => `${depth} ${label}`)).toEqual(['0 T', '1 a', '1 R', '2 [0]', '3 x', '3 S', '2 [1]', '3 x', '3 S', '1 b'])
  expect(criticalPath(unfolded, run, 50).steps.map(({ path }) => path)).toEqual(['T/a', 'T/r[0]/x', 'T/r[1]/x', 'T/b'])
})

test('items that are tracks stand side by side, as long as they are not too many for a picture', () => {
  const run = folded([began('T', 'T', 0), began('T/r[1]', 'R', 1), began('T/r[0]', 'R', 1)], step('T/r[0]/x', 1, 9), step('T/r[1]/x', 1, 5))
  expect(unfoldOutline(numbered({ repeats: true }), run)).toMatchObject({ steps: [{}, { path: 'T/r', steps: [], subTracks: [{ path: 'T/r[0]', name: '[0]', steps: [{ path: 'T/r[0]/x' }, { path: 'T/r[0]/S', steps: [{ path: 'T/r[0]/S/y' }] }] }, { path: 'T/r[1]' }] }, {}] })
  expect(unfoldOutline(numbered({ repeats: true }), run, 1)).toEqual(numbered({ repeats: true }))
  expect(unfoldOutline(numbered({ again: true }), emptyRun())).toEqual(numbered({ again: true }))
})

test('a line to be typed names the command as it is called, and takes no word for an option', () => {
  const called = { program: 'npx tracks', options: ['--config', 'a b.ts'] }
  expect(typedLine('approve', ['r1', 'T/review', '-1'], [], called)).toBe("npx tracks approve --config 'a b.ts' -- r1 T/review -1")
  expect(typedLine('fork', ['r1'], ['--from', 'T/speak[3]', '--set', 'text=$HOME'], called)).toBe("npx tracks fork r1 --from 'T/speak[3]' --set 'text=$HOME' --config 'a b.ts'")
  expect(typedLine('approve', ['r1', 'T/review', ''])).toBe("tracks approve r1 T/review ''")
})
