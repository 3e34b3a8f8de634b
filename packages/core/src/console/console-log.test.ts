import { Writable } from 'node:stream'
import { defineRegistry, defineTask } from '@track-orchestrator/registry'
import { expect, test } from 'vitest'
import { z } from 'zod'
import { createRunner } from '../in-process/index.ts'
import type { RunEvent } from '../log/run-event.ts'
import { exampleEvents, runLogSuite } from '../testing/run-log-suite.ts'
import { forRegistry } from '../typed/for-registry.ts'
import { createConsoleLog, type ConsoleLogOptions } from './console-log.ts'

function capture(options: ConsoleLogOptions) {
  let text = ''
  const stream = new Writable({ write: (chunk, _encoding, done) => { text += String(chunk); done() } })
  return { log: createConsoleLog({ stream, ...options }), text: () => text }
}

runLogSuite('the console log, as lines', () => capture({ mode: 'lines' }))
runLogSuite('the console log, as JSON', () => {
  const { log, text } = capture({ mode: 'json' })
  return { log, arrived: async () => text().trim().split('\n').map((line) => (JSON.parse(line) as { id: string }).id) }
})

const shown = (options: Parameters<typeof capture>[0]) => {
  const { log, text } = capture(options)
  for (const event of exampleEvents('r-1')) log.write({ ...event, at: Date.UTC(2026, 0, 1, 12, 30, 5) })
  return text()
}

test('each thing a person must know is a line with its time', () => {
  expect(shown({}).split('\n')).toEqual([
    '12:30:05  Track: run r-1',
    '12:30:05  Track > step: started (2 items)',
    '12:30:05  Track > step: warn: odd: \\u0000 \\ud800',
    '12:30:05  Track > step: attempt 1 failed (broken), next in 10 ms',
    '12:30:05  Track > step: done in 12 ms',
    '12:30:05  Track > step: skipped',
    '12:30:05  Track > step: failed: broken [task_failed] (the track goes on)',
    '12:30:05  Other: skipped, since Track did not succeed',
    '12:30:05  Third: cancelled',
    '12:30:05  Fourth: failed after 1 ms: broken [task_failed]',
    '12:30:05  Track: succeeded in 25 ms',
    '',
  ])
})

test('log lines below the level are left out', () => {
  expect(shown({ level: 'error' })).not.toContain('odd')
})

test.each([
  [{ message: 'url: expected string', code: 'contract_violated', place: { track: 'Track' } }, 'Track: failed after 2 ms: url: expected string [contract_violated]'],
  [{ message: 'no sound', code: 'media/no_audio', place: { track: 'Audio', step: 'extract', attempt: 3 } }, 'Track: failed after 2 ms: Audio > extract (attempt 3): no sound [media/no_audio]'],
  [{ message: 'no sound', code: 'media/no_audio', place: { track: 'Audio', step: 'extract', item: 0, attempt: 1 } }, 'Track: failed after 2 ms: Audio > extract (item 0): no sound [media/no_audio]'],
  [{ message: 'two\nlines \u001B[2J', code: 'task_failed' }, 'Track: failed after 2 ms: two lines \\u001b[2J [task_failed]'],
  [{ message: 'x'.repeat(1_000_000), code: 'task_failed' }, `Track: failed after 2 ms: ${'x'.repeat(2_000)} … (998000 more characters) [task_failed]`],
] as const)('a run that failed says where, what and why: %j', (error, line) => {
  const { log, text } = capture({})
  const [facts] = exampleEvents('r-1')
  log.write({ ...facts!, type: 'run.failed', durationMs: 2, error: { name: 'TracksError', retryable: false, ...error } })
  expect(text().slice('12:30:05  '.length)).toBe(`${line}\n`)
})

test('a payload that does not fit a track of its own input is told with the field that is wrong', async () => {
  const { log, text } = capture({})
  const registry = defineRegistry({ report: defineTask({ name: 'report', input: z.object({ day: z.string() }), output: z.object({}) }) })
  const { defineTrack } = forRegistry(registry)
  const track = defineTrack({ name: 'ReportTrack', input: z.object({ day: z.string() }), tasks: [{ taskName: 'report' }] })
  const runner = createRunner({ registry, handlers: { report: () => ({}) }, logs: [log] })
  await runner.settleTrack(track, { tenantId: 't', projectId: 'p', day: 7 } as never)
  expect(text()).toMatch(/ReportTrack: failed after \d+ ms: .*day: .*expected string.* \[contract_violated\]\n/)
})

test.each(['lines', 'json'] as const)('no text from a stranger moves the cursor, clears the screen or turns the line, as %s', (mode) => {
  const { log, text } = capture({ mode })
  const evil = '\u001B[2J\u009B2J\u202Ecod\u2028\u200B\n12:30:05  Track: succeeded'
  const place = { track: evil, path: evil, step: evil, taskName: evil, nested: false }
  const error = { name: evil, code: `media/${evil}`, message: evil, retryable: false, place } as const
  const bodies = [
    ...exampleEvents('r-1').map((event) => ({ ...event, track: evil, step: evil, message: evil, note: evil, because: evil, path: evil })),
    { type: 'run.failed', durationMs: 1, error },
    { type: 'track.failed', ...place, durationMs: 1, error },
    { type: 'step.failed', ...place, attempt: 1, durationMs: 1, error, handled: false },
    { type: 'step.retrying', ...place, attempt: 1, delayMs: 1, error },
  ]
  const [facts] = exampleEvents('r-1')
  for (const body of bodies) log.write({ ...facts!, ...body, at: Date.UTC(2026, 0, 1, 12, 30, 5), runName: evil, runId: evil } as RunEvent)
  const lines = text().trimEnd().split('\n')
  expect(lines.length).toBeGreaterThan(10)
  for (const line of lines) {
    expect(line).not.toMatch(/[\p{Cc}\p{Cf}\p{Zl}]/u)
    expect(line).not.toMatch(/^12:30:05 {2}Track: succeeded/)
  }
})

test.each([
  [{ mode: 'bars' }, 'createConsoleLog: mode must be "lines" or "json", not "bars".'],
  [{ level: 'warning' }, 'createConsoleLog: level must be'],
  [{ stream: {} }, 'createConsoleLog: stream must be'],
  [{ strem: process.stdout }, 'Did you mean "stream"?'],
])('%j is refused when it is given', (options, message) => {
  expect(() => createConsoleLog(options as ConsoleLogOptions)).toThrow(message)
})

test('undefined means the default', () => {
  const { log, text } = capture({ mode: undefined, level: undefined })
  log.write(exampleEvents('r-1')[0]!)
  expect(text()).toContain('run r-1')
})
