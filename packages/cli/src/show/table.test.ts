import { Writable } from 'node:stream'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { columnsOf, cutTo } from './columns.ts'
import { Shower } from './shower.ts'
import { markdownTable, tableOf, wrap } from './table.ts'

const words = fc.array(fc.constantFrom('echo', '右側の処理・とても長い名前です', '🎬', '각', 'é', 'ไม่', 'a/b/c', 'x'.repeat(90), '❤️'), { maxLength: 8 }).map((parts) => parts.join(' '))
const without = (text: string) => text.replaceAll(/[\s]/g, '')

test('a table is no wider than its terminal, its columns stand below each other, and no character of a cell is lost, in any script', () => {
  fc.assert(
    fc.property(fc.array(fc.tuple(words, words), { minLength: 1, maxLength: 4 }), fc.integer({ min: 40, max: 120 }), (rows, width) => {
      const lines = tableOf([{ head: 'Step', wraps: true }, { head: 'Is' }, { head: 'Why', wraps: true }], rows.map(([a, b]) => [a, '|', b]), width).split('\n')
      expect(Math.max(...lines.map(columnsOf))).toBeLessThanOrEqual(width)
      expect(new Set(lines.filter((line) => line.includes('|')).map((line) => columnsOf(line.slice(0, line.indexOf('|'))))).size).toBe(1)
      expect(Array.from(without(lines.slice(1).join(''))).toSorted()).toEqual(Array.from(without(rows.map(([a, b]) => `${a}|${b}`).join(''))).toSorted())
    }),
    { numRuns: 200 },
  )
})

test('of two long columns, neither takes all the room', () => {
  const lines = tableOf([{ head: 'Step', wraps: true }, { head: 'Why', wraps: true }], [['a/'.repeat(40), 'word '.repeat(20)]], 60).split('\n')
  expect(lines[0]!.indexOf('Why')).toBe(31)
})

test('a word for how things stand is painted where it is one, and not in what is said', () => {
  expect(tableOf([{ head: 'Is', tells: true }, { head: 'Why', wraps: true }], [['failed', 'failed'], ['ok', '']], 80, (word) => `<${word}>`)).toBe('Is      Why\n<failed>  failed\n<ok>')
})

test('a page that somebody put into a message is not told whole in a table', () => {
  expect(tableOf([{ head: 'Error', wraps: true }], [['x'.repeat(5_000_000)]], 80)).toContain('… (4999500 more characters)')
  expect(wrap('x'.repeat(5_000_000), 60).split('\n')).toHaveLength(83_334)
})

test('an id or a name that is too long for its column is broken where it has a joint', () => {
  expect(wrap('01a21f4a-df60-7753-8000-912ea48647a2', 26)).toBe('01a21f4a-df60-7753-8000-\n912ea48647a2')
  expect(wrap('deepgram_speech_to_text', 12)).toBe('deepgram_\nspeech_to_\ntext')
  expect(wrap('a-bcdefghijklmnop', 8)).toBe('a-bcdefg\nhijklmno\np')
})

test.each([['音声', 3, '音…'], ['abc', 3, 'abc'], ['abcd', 3, 'ab…'], ['é́x', 2, 'é́x'], ['🎬🎬', 1, '…'], ['a', 0, '']])('%j in %i columns is %j', (text, columns, shown) => {
  expect(cutTo(text, columns)).toBe(shown)
})

test('a cell of a Markdown table is read as the text that it is', () => {
  expect(markdownTable([{ head: 'Step' }], [['a|b\\|c <b>*x*</b> `y` [z](w) __init__ snake_case &lt; [0]']]).split('\n')[2]).toBe(String.raw`| a\|b\\\|c \<b>\*x\*\</b> \`y\` [z\](w) \_\_init\_\_ snake_case \&lt; [0] |`)
})

test('on a page of Markdown a line is a paragraph, a command is code, and an output stands in a block that nothing in it ends', async () => {
  let written = ''
  const stdout = new Writable({ write: (chunk: Buffer, _encoding, done) => { written += chunk.toString(); done() } })
  const show = new Shower({ arguments: [], folder: '.', env: {}, stdin: process.stdin, stdout, stderr: stdout, signal: new AbortController().signal }, { markdown: true })
  show.line('a <b>')
  show.typed('Go on:', "tracks resume '`'")
  show.code('"```"\n', 'json')
  expect(written).toBe("a \\<b>\n\nGo on: ``tracks resume '`'``\n\n````json\n\"```\"\n````\n\n")
})
