import { Writable } from 'node:stream'
import { expect, test } from 'vitest'
import { exampleEvents, runLogSuite } from '../testing/run-log-suite.ts'
import { createConsoleLog, type ConsoleLogOptions } from './console-log.ts'

function capture(options: ConsoleLogOptions & { isTTY?: boolean }) {
  let text = ''
  const stream = Object.assign(new Writable({ write: (chunk, _encoding, done) => { text += String(chunk); done() } }), { isTTY: options.isTTY ?? false, columns: 100 })
  return { log: createConsoleLog({ stream, ...options }), text: () => text }
}

runLogSuite('the console log, as lines', () => capture({ mode: 'lines' }))
runLogSuite('the console log, as bars', () => capture({ mode: 'bars', isTTY: true }))
runLogSuite('the console log, as JSON', () => {
  const { log, text } = capture({ mode: 'json' })
  return { log, arrived: async () => text().trim().split('\n').map((line) => (JSON.parse(line) as { id: string }).id) }
})

const shown = (options: Parameters<typeof capture>[0]) => {
  const { log, text } = capture(options)
  for (const event of exampleEvents('r-1')) log.write({ ...event, at: Date.UTC(2026, 0, 1, 12, 30, 5) })
  return text()
}

test('in a pipe, each thing a person must know is a line with its time', () => {
  expect(shown({}).split('\n')).toEqual([
    '12:30:05  Track: run r-1',
    '12:30:05  Track > step: started (2 items)',
    '12:30:05  Track > step: warn: odd:   \uFFFD',
    '12:30:05  Track > step: attempt 1 failed (broken), next in 10 ms',
    '12:30:05  Track > step: done in 12 ms',
    '12:30:05  Track > step: skipped',
    '12:30:05  Track > step: failed: broken (the track goes on)',
    '12:30:05  Other: skipped, since Track did not succeed',
    '12:30:05  Third: cancelled',
    '12:30:05  Track: succeeded in 25 ms',
    '',
  ])
})

test('log lines below the level are left out', () => {
  expect(shown({ level: 'error' })).not.toContain('odd')
})

test('on a terminal, a bar stands for each track, and ends full', () => {
  const text = shown({ isTTY: true })
  expect(text).toContain('100 %  Track')
  expect(text).toContain('Track: succeeded in 25 ms')
})

test('no text from a stranger moves the cursor or clears the screen', () => {
  expect(shown({})).not.toContain('\u001B')
  expect(shown({ isTTY: true })).not.toContain('\u001B[2J way')
})
