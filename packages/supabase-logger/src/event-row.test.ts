import type { RunEvent } from '@track-orchestrator/core'
import { exampleEvents } from '@track-orchestrator/core/testing'
import { expect, test } from 'vitest'
import { eventFromRow } from './event-from-row.ts'
import { toEventRow } from './event-row.ts'

const [started, , , progress, logged, retrying, succeeded, , failed] = exampleEvents('run-1') as [RunEvent, ...RunEvent[]]
const log = (fields: Record<string, unknown>) => toEventRow({ ...logged, fields } as RunEvent)

test('an event becomes a row with a column for what every reader asks, and the rest as data', () => {
  expect(toEventRow({ ...succeeded, at: 0, userId: 'u', metadata: { model: 'm' } } as RunEvent)).toEqual({
    id: succeeded!.id,
    tenant_id: 't',
    project_id: 'p',
    user_id: 'u',
    run_id: 'run-1',
    run_name: 'Track',
    sequence: 7,
    at: '1970-01-01T00:00:00.000Z',
    type: 'step.succeeded',
    level: 'info',
    track: 'Track',
    path: 'Track/step',
    step: 'step',
    task_name: 'task',
    nested: false,
    attempt: 2,
    duration_ms: 12,
    output_size_bytes: 2,
    data: { metadata: { model: 'm' } },
  })
})

test('what a time of a repeated track handed on is kept in the data, and is there when the row is read', () => {
  const time = { ...started, type: 'track.succeeded', track: 'Refining', path: 'Track/refine[1]', durationMs: 3, output: { score: 2 } } as RunEvent
  const row = toEventRow(time)
  expect(row).toMatchObject({ path: 'Track/refine[1]', data: { output: { score: 2 } } })
  expect(eventFromRow({ ...row, at: new Date(1).toISOString() } as never)).toMatchObject({ type: 'track.succeeded', path: 'Track/refine[1]', output: { score: 2 } })
})

test('what was paid is kept in the data, and is there when the row is read', () => {
  const costs = { characters: 12, USD: 0.0036 }
  const row = toEventRow({ ...succeeded, costs } as RunEvent)
  expect(row.data).toMatchObject({ costs })
  expect(eventFromRow({ ...row, at: new Date(1).toISOString() } as never)).toMatchObject({ type: 'step.succeeded', costs })
})

test('what did not happen is left out', () => {
  expect(Object.keys(toEventRow(started))).toEqual(['id', 'tenant_id', 'project_id', 'run_id', 'run_name', 'sequence', 'at', 'type', 'level', 'input_size_bytes', 'data'])
})

test('the level says how much an event matters', () => {
  const unhandled = { ...failed, handled: false } as RunEvent
  expect([started, progress, logged, retrying, failed, unhandled].map((event) => toEventRow(event!).level)).toEqual(['info', 'debug', 'warn', 'warn', 'warn', 'error'])
})

test('NUL and lone surrogates are replaced, in texts and in keys; whole characters stay', () => {
  const row = toEventRow({ ...logged, message: 'a\0b \uD800 \uDC00 😀', fields: { 'k\0': ['\uDFFF'] } } as RunEvent)
  expect(row.message).toBe('a\uFFFDb \uFFFD \uFFFD 😀')
  expect(row.data).toEqual({ fields: { 'k\uFFFD': ['\uFFFD'] } })
})

test('a text of 10 MB is clipped, and marked', () => {
  const { data } = log({ long: 'x'.repeat(10_000_000) })
  expect(data).toEqual({ fields: { long: `${'x'.repeat(16_384)} [clipped: 9983616 of 10000000 characters]` }, clipped: true })
})

test('a text is not cut through a character', () => {
  const { message } = toEventRow({ ...logged, message: `x${'😀'.repeat(10_000)}` } as RunEvent)
  expect(message).toMatch(/^x(?:😀)+\uFFFD \[clipped/)
})

test.each([
  ['many texts', Array.from({ length: 1_000 }, () => 'x'.repeat(1_000))],
  ['many numbers', Array.from({ length: 1_000_000 }, (_, index) => index)],
  ['many keys', Object.fromEntries(Array.from({ length: 100_000 }, (_, index) => [`key${index}`, true]))],
  ['long keys', { ['k'.repeat(1_000_000)]: 1 }],
  ['a wide tree', Array.from({ length: 1_000 }, () => Array.from({ length: 1_000 }, () => []))],
])('an event stays small with %s', (_, fields) => {
  const row = log({ fields })
  expect(JSON.stringify(row).length).toBeLessThan(100_000)
  expect(row.data?.['clipped']).toBe(true)
})

test('what is no JSON is named in its place', () => {
  const cyclic: Record<string, unknown> = {}
  cyclic['self'] = cyclic
  const { data } = log({
    big: 1n,
    date: new Date(0),
    bytes: Buffer.alloc(3),
    not: NaN,
    nothing: undefined,
    list: [undefined, () => 1],
    get broken(): never {
      throw new Error('no')
    },
  })
  expect(data).toEqual({ fields: { big: '1', date: '1970-01-01T00:00:00.000Z', bytes: '[3 bytes]', not: null, list: [null, null], broken: '[unreadable]' } })
  expect(JSON.stringify(log(cyclic))).toContain('[too deep]')
})

test('numbers fit their columns', () => {
  const row = toEventRow({ ...succeeded, durationMs: 1.6, outputSizeBytes: Infinity } as RunEvent)
  expect(row).toMatchObject({ duration_ms: 2 })
  expect(row).not.toHaveProperty('output_size_bytes')
  expect(toEventRow({ ...succeeded, durationMs: 1e300 } as RunEvent)).not.toHaveProperty('duration_ms')
})

test.each([Number.NaN, -1, 1e15, Infinity])('a time that is none, such as %d, becomes now', (at) => {
  expect(Math.abs(Date.parse(toEventRow({ ...succeeded!, at }).at) - Date.now())).toBeLessThan(60_000)
})
