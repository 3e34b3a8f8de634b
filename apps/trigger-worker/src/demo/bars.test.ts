import { Writable } from 'node:stream'
import { stripVTControlCharacters } from 'node:util'
import { exampleEvents, runLogSuite } from '@track-orchestrator/core/testing'
import { expect, test } from 'vitest'
import { createBars } from './bars.ts'

function terminal() {
  let text = ''
  const stream = Object.assign(new Writable({ write: (chunk, _encoding, done) => { text += String(chunk); done() } }), { isTTY: true, columns: 80 })
  return { log: createBars(stream), text: () => text }
}

runLogSuite('the bars', () => terminal())

test('a bar stands for each track, and ends full', () => {
  const { log, text } = terminal()
  for (const event of exampleEvents('r-1')) log.write(event)
  expect(text()).toContain('100 %  Track')
  expect(text()).toContain('Track: succeeded in 25 ms')
})

test('no line is wider than 80 columns, and no text from a stranger is obeyed', () => {
  const { log, text } = terminal()
  const evil = `\u001B[2J\u009B3J\u202E${'wide '.repeat(40)}\n`
  for (const event of exampleEvents('r-1')) log.write({ ...event, ...('track' in event && { track: evil }), ...('step' in event && { step: evil }), ...('note' in event && { note: evil }) })
  expect(text()).toContain('\\u001b[2J')
  for (const obeyed of ['\u001B[2J', '\u009B', '\u202E']) expect(text()).not.toContain(obeyed)
  const bars = stripVTControlCharacters(text().replaceAll('\u001B[', '\n\u001B[')).split(/[\r\n]/).filter((line) => line.includes(' %  '))
  expect(bars.length).toBeGreaterThan(0)
  for (const bar of bars) expect(Array.from(bar).length).toBeLessThanOrEqual(80)
})

test('the rate is seen however long the words before it are', async () => {
  const { log, text } = terminal()
  const events = exampleEvents('r-1')
  const end = events.findIndex(({ type }) => type === 'step.progress') + 1
  for (const event of events.slice(0, end)) log.write(event.type === 'step.progress' ? { ...event, note: 'put the sound under the picture, and do so with care: 690 frames/s, 23.1x' } : event)
  await expect.poll(text).toMatch(/put the [^:]*…: 690 frames\/s, 23\.1x/)
  for (const event of events.slice(end)) log.write(event)
})
